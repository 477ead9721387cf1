import { env } from "@/env";
import type { AlertChannels } from "./alert";

/** The alert channels that the environment configures. */
export const alertChannels: AlertChannels = {
  emails: env.ADMIN_EMAILS,
  webhook: env.ALERT_WEBHOOK_URL !== undefined,
  sentry: env.SENTRY_DSN !== undefined,
};
