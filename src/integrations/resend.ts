import { Resend } from "resend";
import { env } from "@/env";

/** An e-mail ready to go. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** The same key never sends twice (Resend remembers it for a day). */
  readonly idempotencyKey: string;
}

/** Whatever takes e-mails away. */
export interface Post {
  /** For the links in the mails. */
  readonly appUrl: string;
  /** Whether a mail that went out keeps its links: the development post box shows them. */
  readonly keepsLinks: boolean;
  /** Throws when the mail was not taken. */
  send(mail: Mail): Promise<void>;
}

const TIME_LIMIT_MS = 10_000;

/**
 * Resend where its key is set; in embedded mode a post box that keeps the mails on the page
 * `/dev/mail`; otherwise null: the mails stay in the outbox until the key is set.
 */
export function configuredPost(): Post | null {
  if (env.RESEND_API_KEY !== undefined) return resendPost(env.RESEND_API_KEY);
  if (!env.QIFLOW_EMBEDDED) return null;
  return { appUrl: env.APP_URL, keepsLinks: true, send: async () => {} };
}

function resendPost(apiKey: string): Post {
  const resend = new Resend(apiKey);
  return {
    appUrl: env.APP_URL,
    keepsLinks: false,
    async send({ idempotencyKey, ...mail }) {
      const { error } = await resend.emails.send(
        { from: env.EMAIL_FROM, ...mail },
        { idempotencyKey, signal: AbortSignal.timeout(TIME_LIMIT_MS) },
      );
      if (error !== null) throw new Error(`Resend refused the mail: ${error.name}`);
    },
  };
}
