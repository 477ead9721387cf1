import { eq, sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { freeCreditClaim, user } from "@/db/schema";
import type { Day } from "@/lib/local-day";
import { lockClaim, otherClaims } from "./claims";

/** What limits a user's daily sign-in rewards. */
export interface DailyLimit {
  /** The free credits wait for the address to be verified, or for the end of a year after debt. */
  readonly isWithheld: boolean;
  /** The latest day that another account of the same person was rewarded for. */
  readonly takenUntil: Day | null;
}

/** Reads the limit of a user's daily sign-in rewards. */
export async function getDailyLimit(
  reader: Executor,
  { userId, at }: { userId: string; at: Date },
): Promise<DailyLimit> {
  const [row] = await reader
    .select({
      claim: freeCreditClaim,
      takenUntil: sql<string | null>`(${otherClaims(sql`max(other.last_sign_in_day)::text`)})`,
    })
    .from(freeCreditClaim)
    .innerJoin(user, eq(user.id, freeCreditClaim.userId))
    .where(eq(freeCreditClaim.userId, userId));
  if (row === undefined) return { isWithheld: false, takenUntil: null };
  const { reason, monthsFromAt } = row.claim;
  const waits = monthsFromAt === null || monthsFromAt > at;
  const isWithheld = reason !== null && reason !== "returning" && waits;
  return { isWithheld, takenUntil: row.takenUntil };
}

/** Like `getDailyLimit`. Locks the person's hash, so that two accounts are not rewarded at once. */
export async function lockDailyLimit(
  tx: Transaction,
  options: { userId: string; at: Date },
): Promise<DailyLimit> {
  await lockClaim(tx, options.userId);
  return getDailyLimit(tx, options);
}

/** Records the day of a daily sign-in reward. */
export async function recordRewardedDay(
  tx: Transaction,
  { userId, day }: { userId: string; day: Day },
): Promise<void> {
  await tx
    .update(freeCreditClaim)
    .set({ lastSignInDay: day })
    .where(eq(freeCreditClaim.userId, userId));
}
