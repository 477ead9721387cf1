import { env } from "@/env";
import { type EmailProvider, resendEmailProvider } from "./email-provider";

/**
 * Resend if RESEND_API_KEY is set. In embedded mode, a provider that sends nothing: the emails stay
 * readable in the mail preview at `/dev/mail`. Otherwise null: emails wait in the outbox.
 */
export function configuredEmailProvider(): EmailProvider | null {
  const links = { appUrl: env.APP_URL, unsubscribeSecret: env.BETTER_AUTH_SECRET };
  if (env.RESEND_API_KEY !== undefined) {
    return resendEmailProvider({ ...links, apiKey: env.RESEND_API_KEY, from: env.EMAIL_FROM });
  }
  if (!env.QIFLOW_EMBEDDED) return null;
  return { ...links, keepsLinks: true, send: async () => {} };
}
