import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "@/db/client";
import { user } from "@/db/schema";
import { type OptionalTemplate, verifyUnsubscribe } from "@/emails/unsubscribe-link";
import { InvalidInput } from "@/lib/errors";
import { getPreferences, type Preferences, savePreferences } from "./preferences";

const PREFERENCE_OF = {
  "credits-expiring": "expiringByEmail",
  "low-balance": "lowBalanceByEmail",
} as const satisfies Record<OptionalTemplate, keyof Preferences>;

/** What a link from a mail stands for: which mails, and whether they come at present. */
export interface Subscription {
  readonly template: OptionalTemplate;
  readonly isOn: boolean;
}

/** Reads what a token is about and changes nothing; null for a token that is not ours. */
export async function readSubscription(
  db: Database,
  { token, secret }: { token: string; secret: string },
): Promise<Subscription | null> {
  const about = verifyUnsubscribe(token, secret);
  if (about === null) return null;
  const preferences = await getPreferences(db, about.userId);
  return { template: about.template, isOn: preferences[PREFERENCE_OF[about.template]] };
}

/**
 * Turns the mails of a token off or on; doing so twice is the same as once. For a deleted account
 * there is nothing left to turn off.
 * @throws InvalidInput for a token that is not ours
 */
export async function setSubscription(
  db: Database,
  { token, secret, isOn, now }: { token: string; secret: string; isOn: boolean; now: Date },
): Promise<void> {
  const about = verifyUnsubscribe(token, secret);
  if (about === null) throw new InvalidInput("This is not a link from one of our mails.");
  const { userId, template } = about;
  const [person] = await db
    .select({ id: user.id })
    .from(user)
    .where(and(eq(user.id, userId), isNull(user.deletedAt)));
  if (person === undefined) return;
  await savePreferences(db, { userId, change: { [PREFERENCE_OF[template]]: isOn }, now });
}
