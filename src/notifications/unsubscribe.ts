import type { Database } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { type OptionalTemplate, verifyUnsubscribe } from "@/emails/unsubscribe-link";
import { InvalidInput } from "@/lib/errors";
import { getPreferences, type Preferences, savePreferences } from "./preferences";

const PREFERENCE_OF = {
  "credits-expiring": "expiringByEmail",
  "low-balance": "lowBalanceByEmail",
} as const satisfies Record<OptionalTemplate, keyof Preferences>;

/** The kind of email an unsubscribe token is about, and whether the user receives it. */
export interface EmailSubscription {
  readonly template: OptionalTemplate;
  readonly isOn: boolean;
}

/** The subscription of a token; null for an invalid token. Changes nothing. */
export async function readSubscription(
  db: Database,
  { token, secret }: { token: string; secret: string },
): Promise<EmailSubscription | null> {
  const subject = verifyUnsubscribe(token, secret);
  if (subject === null) return null;
  const preferences = await getPreferences(db, subject.userId);
  return { template: subject.template, isOn: preferences[PREFERENCE_OF[subject.template]] };
}

/**
 * Turns the emails of a token on or off. Idempotent. Does nothing for a deleted account.
 * @throws InvalidInput for an invalid token
 */
export async function setSubscription(
  db: Database,
  { token, secret, isOn, now }: { token: string; secret: string; isOn: boolean; now: Date },
): Promise<void> {
  const subject = verifyUnsubscribe(token, secret);
  if (subject === null) throw new InvalidInput("The unsubscribe token is invalid.");
  const { userId, template } = subject;
  await db.transaction(async (tx) => {
    const recipient = await lockUser(tx, userId);
    if (recipient === null || recipient.deletedAt !== null) return;
    await savePreferences(tx, { userId, change: { [PREFERENCE_OF[template]]: isOn }, now });
  });
}
