import { addHours } from "date-fns";
import { and, asc, desc, eq, gte, lt } from "drizzle-orm";
import { catalog } from "@/catalog/catalog";
import type { Executor, Transaction } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { dailySignIn } from "@/db/schema";
import { grantCredits } from "@/ledger/grant";
import { NotFound } from "@/lib/errors";
import { addDays, addMonths, type Day, localDay, monthOf, startOfDay } from "@/lib/local-day";
import { type DailyLimit, getDailyLimit, lockDailyLimit, recordRewardedDay } from "./daily-limit";
import { nextMilestone, type SignIn, signInOn } from "./daily-sign-in-rules";

/**
 * Signs a user in for the current day of their time zone and grants its credits, once a day and person.
 * If the day already has a sign-in or its reward is withheld, returns the latest one with `created`
 * false.
 *
 * Locks the user's row, which serializes concurrent requests and changes of the time zone, the person's
 * hash and then the account: make this the last statement before COMMIT.
 * @throws NotFound when the user does not exist or is deleted
 */
export async function signInDaily(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<{ signIn: SignIn | null; created: boolean }> {
  const timeZone = await lockTimeZone(tx, userId);
  const latest = await findLatestSignIn(tx, userId);
  const limit = await lockDailyLimit(tx, { userId, at: now });
  const signIn = allowedSignIn({ today: localDay(now, timeZone), latest, limit });
  if (signIn === null) return { signIn: latest, created: false };
  await tx.insert(dailySignIn).values({ userId, ...signIn, signedInAt: now });
  await recordRewardedDay(tx, { userId, day: signIn.day });
  await grantCredits(tx, {
    userId,
    key: `signin:${userId}:${signIn.day}`,
    amount: signIn.credits,
    type: "DAILY_SIGNIN",
    source: `signin:${signIn.day}`,
    expiresAt: addHours(now, catalog.dailySignIn.expireDays * 24),
    paid: false,
    now,
  });
  return { signIn, created: true };
}

/** Deletes a user's sign-in days when the account is deleted. The credits stay in the ledger. */
export async function deleteSignIns(tx: Transaction, userId: string): Promise<void> {
  await tx.delete(dailySignIn).where(eq(dailySignIn.userId, userId));
}

export interface SignInStatus {
  /** The instant of the status. */
  readonly at: Date;
  /** The user's local day. */
  readonly today: Day;
  /**
   * Today already has a sign-in, maybe of a deleted account of the same person. Also true if a later day
   * has one, after a move west.
   */
  readonly isDone: boolean;
  /** The rewards wait until the address is verified, or for a year after a deletion in debt. */
  readonly isWithheld: boolean;
  /** Credits that today earns, or that the latest sign-in earned. */
  readonly credits: number;
  /** The streak, including today once it has a sign-in. 0 after a missed day. */
  readonly streak: number;
  readonly milestone: {
    readonly inDays: number;
    readonly streak: number;
    readonly credits: number;
  };
  /** When the next sign-in is possible; null while today's is. */
  readonly nextAt: Date | null;
  /** The days of this month with a sign-in. */
  readonly days: readonly Day[];
}

/** Returns a user's sign-in status at an instant, in their time zone. Reads only. */
export async function getSignInStatus(
  reader: Executor,
  { userId, timeZone, at }: { userId: string; timeZone: string; at: Date },
): Promise<SignInStatus> {
  const today = localDay(at, timeZone);
  const [latest, days, limit] = await Promise.all([
    findLatestSignIn(reader, userId),
    listDaysOfMonth(reader, userId, today),
    getDailyLimit(reader, { userId, at }),
  ]);
  const isTaken = limit.takenUntil !== null && today <= limit.takenUntil;
  const open = isTaken ? null : signInOn(today, latest);
  const streak = open === null ? (latest?.streak ?? 0) : open.streak - 1;
  const lastDay = isTaken ? limit.takenUntil : (latest?.day ?? today);
  return {
    at,
    today,
    isDone: open === null,
    isWithheld: limit.isWithheld,
    credits: open?.credits ?? latest?.credits ?? 0,
    streak,
    milestone: nextMilestone(streak),
    nextAt: open === null ? startOfDay(addDays(lastDay, 1), timeZone) : null,
    days,
  };
}

function allowedSignIn({
  today,
  latest,
  limit: { isWithheld, takenUntil },
}: {
  today: Day;
  latest: SignIn | null;
  limit: DailyLimit;
}): SignIn | null {
  if (isWithheld || (takenUntil !== null && today <= takenUntil)) return null;
  return signInOn(today, latest);
}

async function lockTimeZone(tx: Transaction, userId: string): Promise<string> {
  const row = await lockUndeletedUser(tx, userId);
  if (row === null) throw new NotFound("user");
  return row.timeZone;
}

async function findLatestSignIn(reader: Executor, userId: string): Promise<SignIn | null> {
  const { day, streak, credits } = dailySignIn;
  const [row] = await reader
    .select({ day, streak, credits })
    .from(dailySignIn)
    .where(eq(dailySignIn.userId, userId))
    .orderBy(desc(day))
    .limit(1);
  return row ?? null;
}

async function listDaysOfMonth(reader: Executor, userId: string, today: Day): Promise<Day[]> {
  const { day } = dailySignIn;
  const month = monthOf(today);
  const rows = await reader
    .select({ day })
    .from(dailySignIn)
    .where(
      and(
        eq(dailySignIn.userId, userId),
        gte(day, `${month}-01`),
        lt(day, `${addMonths(month, 1)}-01`),
      ),
    )
    .orderBy(asc(day));
  return rows.map((row) => row.day);
}
