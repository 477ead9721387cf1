/** An e-mail ready to go. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** The same key never sends twice (Resend remembers it for a day). */
  readonly idempotencyKey: string;
  /** Takes the POST of a mail program's unsubscribe button; null for a mail that is not optional. */
  readonly oneClickUrl: string | null;
}

/** Whatever takes e-mails away. */
export interface EmailProvider {
  /** For the links in the mails. */
  readonly appUrl: string;
  /** Signs the links by which optional mails are turned off. */
  readonly unsubscribeSecret: string;
  /** Whether a mail that went out keeps its links: the development post box shows them. */
  readonly keepsLinks: boolean;
  /** Throws when the mail was not taken; EmailProviderUnavailable when no other would be now. */
  send(mail: Mail): Promise<void>;
}

/** The post cannot be reached, or takes nothing at the moment from anybody. */
export class EmailProviderUnavailable extends Error {
  override name = "PostIsDown";
}
