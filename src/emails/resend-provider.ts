import { Resend } from "resend";
import { type EmailProvider, EmailProviderUnavailable, type Mail } from "./email-provider";

const TIME_LIMIT_MS = 10_000;
/** Resend takes a few mails a second; a second later it takes more. */
const TRIES_WHEN_BUSY = 3;
const BUSY_PAUSE_MS = 1_000;

/** Sends through Resend. Ten seconds a mail at most; the outbox tries again. */
export function resendEmailProvider(options: {
  apiKey: string;
  from: string;
  appUrl: string;
  unsubscribeSecret: string;
}): EmailProvider {
  const { apiKey, from, appUrl, unsubscribeSecret } = options;
  const resend = new Resend(apiKey);
  const trySend = async ({ idempotencyKey, oneClickUrl, ...mail }: Mail, signal: AbortSignal) => {
    try {
      const { error } = await resend.emails.send(
        { from, ...mail, headers: unsubscribeHeaders(oneClickUrl) },
        { idempotencyKey, signal },
      );
      return error;
    } catch (error) {
      throw new EmailProviderUnavailable("Resend did not answer in time.", { cause: error });
    }
  };
  return {
    appUrl,
    unsubscribeSecret,
    keepsLinks: false,
    async send(mail) {
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      let error = await trySend(mail, signal);
      for (let tries = 1; error?.statusCode === 429 && tries < TRIES_WHEN_BUSY; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
        error = await trySend(mail, signal);
      }
      if (error === null) return;
      const refusal = `Resend refused the mail: ${error.name}`;
      throw isOutage(error.statusCode) ? new EmailProviderUnavailable(refusal) : new Error(refusal);
    },
  };
}

/** No status: it was not reached. 401 and 403: the key or the sender's domain, which all mails share. */
function isOutage(status: number | null): boolean {
  return status === null || status >= 500 || [401, 403, 429].includes(status);
}

/** RFC 2369 and 8058: mail programs show a button of their own that posts to the address. */
function unsubscribeHeaders(oneClickUrl: string | null): Record<string, string> {
  if (oneClickUrl === null) return {};
  return {
    "List-Unsubscribe": `<${oneClickUrl}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  };
}
