import { addHours } from "date-fns";
import { and, eq, isNull } from "drizzle-orm";
import { DAILY_SIGN_IN } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { dailySignIn, user } from "@/db/schema";
import { grantCredits } from "@/ledger/grant-credits";
import { NotFound } from "@/lib/errors";
import { localDay } from "@/lib/local-day";
import { type SignIn, signInOn } from "./daily-sign-in-rules";
import { findLatestSignIn } from "./daily-sign-in-status";

/**
 * Signs a user in for the day that it is in their own time zone and grants its credits, once a day:
 * `created` is false, and the answer the same, when the day was taken before.
 *
 * Locks the user's row first, so that of requests side by side one grants and the others see it, and
 * a change of zone comes wholly before or after. Then the account: the grant is the last statement,
 * make nothing follow it before COMMIT.
 * @throws NotFound when there is no such user, or their account is deleted
 */
export async function signInDaily(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<{ signIn: SignIn; created: boolean }> {
  const timeZone = await lockTimeZone(tx, userId);
  const latest = await findLatestSignIn(tx, userId);
  const signIn = signInOn(localDay(now, timeZone), latest);
  if (signIn === null) {
    if (latest === null) throw new Error("A first day can't be taken.");
    return { signIn: latest, created: false };
  }
  await tx.insert(dailySignIn).values({ userId, ...signIn, signedInAt: now });
  await grantCredits(tx, {
    userId,
    key: `signin:${userId}:${signIn.day}`,
    amount: signIn.credits,
    type: "DAILY_SIGNIN",
    source: `signin:${signIn.day}`,
    expiresAt: addHours(now, DAILY_SIGN_IN.expireDays * 24),
    paid: false,
    now,
  });
  return { signIn, created: true };
}

/** Forgets on which days a user came, when the account is deleted; what the days brought stays booked. */
export async function deleteSignIns(tx: Transaction, userId: string): Promise<void> {
  await tx.delete(dailySignIn).where(eq(dailySignIn.userId, userId));
}

/** `no key update`: rows that refer to the user, such as a new session, need not wait. */
async function lockTimeZone(tx: Transaction, userId: string): Promise<string> {
  const [row] = await tx
    .select({ timeZone: user.timeZone })
    .from(user)
    .where(and(eq(user.id, userId), isNull(user.deletedAt)))
    .for("no key update");
  if (row === undefined) throw new NotFound("user");
  return row.timeZone;
}
