import { Resend } from "resend";

/** An email ready to be sent. */
export interface OutgoingEmail {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** The provider drops a second email with the same key (Resend: for 24 hours). */
  readonly idempotencyKey: string;
  /** Receives the POST of a mail client's unsubscribe button; null if the email is not optional. */
  readonly oneClickUrl: string | null;
}

/** A service that sends email, and what rendering for it needs. */
export interface EmailProvider {
  /** Base URL of the links in emails, without a trailing slash. */
  readonly appUrl: string;
  /** Signs unsubscribe links. */
  readonly unsubscribeSecret: string;
  /** Whether a sent email keeps its secret links in the outbox. True for the mail preview only. */
  readonly keepsLinks: boolean;
  /**
   * @throws EmailProviderUnavailable when sending other emails would fail as well
   * @throws Error when this email was rejected
   */
  send(email: OutgoingEmail): Promise<void>;
}

/** The provider cannot be reached or rejects every email at the moment. */
export class EmailProviderUnavailable extends Error {
  override name = "EmailProviderUnavailable";
}

const TIMEOUT_MS = 10_000;
/** Resend allows a few emails a second. */
const RATE_LIMIT_ATTEMPTS = 3;
const RATE_LIMIT_PAUSE_MS = 1_000;

/**
 * Sends through Resend, with a limit of ten seconds per email. Retries rate-limited calls only; the
 * outbox retries everything else.
 */
export function resendEmailProvider(options: {
  apiKey: string;
  from: string;
  appUrl: string;
  unsubscribeSecret: string;
}): EmailProvider {
  const { apiKey, from, appUrl, unsubscribeSecret } = options;
  const resend = new Resend(apiKey);
  const attempt = async (
    { idempotencyKey, oneClickUrl, ...email }: OutgoingEmail,
    signal: AbortSignal,
  ) => {
    try {
      const { error } = await resend.emails.send(
        { from, ...email, headers: unsubscribeHeaders(oneClickUrl) },
        { idempotencyKey, signal },
      );
      return error;
    } catch (error) {
      throw new EmailProviderUnavailable("Resend did not respond in time.", { cause: error });
    }
  };
  return {
    appUrl,
    unsubscribeSecret,
    keepsLinks: false,
    async send(email) {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      let error = await attempt(email, signal);
      for (let n = 1; error?.statusCode === 429 && n < RATE_LIMIT_ATTEMPTS; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, RATE_LIMIT_PAUSE_MS));
        error = await attempt(email, signal);
      }
      if (error === null) return;
      const message = `Resend rejected the email: ${error.name}`;
      throw isOutage(error.statusCode) ? new EmailProviderUnavailable(message) : new Error(message);
    },
  };
}

/** Null: no connection. 401 and 403: the key or the sender's domain, which all emails share. */
function isOutage(status: number | null): boolean {
  return status === null || status >= 500 || [401, 403, 429].includes(status);
}

/** RFC 2369 and RFC 8058: mail clients show an unsubscribe button that posts to the URL. */
function unsubscribeHeaders(oneClickUrl: string | null): Record<string, string> {
  if (oneClickUrl === null) return {};
  return {
    "List-Unsubscribe": `<${oneClickUrl}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  };
}
