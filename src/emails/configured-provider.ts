import { env } from "@/env";
import type { EmailProvider } from "./email-provider";
import { resendEmailProvider } from "./resend-provider";

/**
 * Resend where its key is set; in embedded mode a post box that keeps the mails on the page
 * `/dev/mail`; otherwise null: the mails stay in the outbox until the key is set.
 */
export function configuredEmailProvider(): EmailProvider | null {
  const links = { appUrl: env.APP_URL, unsubscribeSecret: env.BETTER_AUTH_SECRET };
  if (env.RESEND_API_KEY !== undefined) {
    return resendEmailProvider({ ...links, apiKey: env.RESEND_API_KEY, from: env.EMAIL_FROM });
  }
  if (!env.QIFLOW_EMBEDDED) return null;
  return { ...links, keepsLinks: true, send: async () => {} };
}
