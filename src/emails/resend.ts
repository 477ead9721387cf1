import { env } from "@/env";
import type { Post } from "./post";
import { resendPost } from "./resend-post";

/**
 * Resend where its key is set; in embedded mode a post box that keeps the mails on the page
 * `/dev/mail`; otherwise null: the mails stay in the outbox until the key is set.
 */
export function configuredPost(): Post | null {
  const links = { appUrl: env.APP_URL, unsubscribeSecret: env.BETTER_AUTH_SECRET };
  if (env.RESEND_API_KEY !== undefined) {
    return resendPost({ ...links, apiKey: env.RESEND_API_KEY, from: env.EMAIL_FROM });
  }
  if (!env.QIFLOW_EMBEDDED) return null;
  return { ...links, keepsLinks: true, send: async () => {} };
}
