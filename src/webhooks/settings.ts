import { env } from "@/env";

/** The settings of endpoints, from the environment. */
export interface WebhookSettings {
  /** Encrypts the signing secrets. */
  readonly secret: string;
  /** Whether an endpoint may be on this machine, for trying out events in the embedded mode. */
  readonly allowLoopback: boolean;
}

export const webhookSettings: WebhookSettings = {
  secret: env.BETTER_AUTH_SECRET,
  allowLoopback: env.QIFLOW_EMBEDDED,
};
