import { Resend } from "resend";
import type { Post } from "./post";

const TIME_LIMIT_MS = 10_000;

/** Sends through Resend. One call a mail, ten seconds at most; the outbox tries again. */
export function resendPost(options: {
  apiKey: string;
  from: string;
  appUrl: string;
  unsubscribeSecret: string;
}): Post {
  const { apiKey, from, appUrl, unsubscribeSecret } = options;
  const resend = new Resend(apiKey);
  return {
    appUrl,
    unsubscribeSecret,
    keepsLinks: false,
    async send({ idempotencyKey, oneClickUrl, ...mail }) {
      const { error } = await resend.emails.send(
        { from, ...mail, headers: unsubscribeHeaders(oneClickUrl) },
        { idempotencyKey, signal: AbortSignal.timeout(TIME_LIMIT_MS) },
      );
      if (error !== null) throw new Error(`Resend refused the mail: ${error.name}`);
    },
  };
}

/** RFC 2369 and 8058: mail programs show a button of their own that posts to the address. */
function unsubscribeHeaders(oneClickUrl: string | null): Record<string, string> {
  if (oneClickUrl === null) return {};
  return {
    "List-Unsubscribe": `<${oneClickUrl}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  };
}
