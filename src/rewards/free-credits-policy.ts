import { env } from "@/env";

/** How the application gives out free credits. */
export interface FreeCreditsPolicy {
  /** Keys the hashes of addresses and networks. With another secret, nobody is recognized. */
  readonly secret: string;
  /** Counts addresses under `.example` as real, as the demo accounts of the embedded mode have. */
  readonly acceptsExampleAddresses: boolean;
}

export const freeCreditsPolicy: FreeCreditsPolicy = {
  secret: env.FREE_CREDITS_SECRET,
  acceptsExampleAddresses: env.QIFLOW_EMBEDDED,
};
