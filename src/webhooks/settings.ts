import { env } from "@/env";

/** What endpoints need of the environment. */
export interface WebhookSettings {
  /** Encrypts the signing secrets. */
  readonly secret: string;
  /** Whether an endpoint may be on this machine, so that a newcomer can try events. */
  readonly allowLoopback: boolean;
}

export const webhookSettings: WebhookSettings = {
  secret: env.BETTER_AUTH_SECRET,
  allowLoopback: env.QIFLOW_EMBEDDED,
};
