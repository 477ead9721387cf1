import { addHours } from "date-fns";
import { and, asc, desc, eq, gte, lt } from "drizzle-orm";
import { catalog } from "@/catalog/catalog";
import type { Executor, Transaction } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { dailySignIn } from "@/db/schema";
import { grantCredits } from "@/ledger/grant";
import { NotFound } from "@/lib/errors";
import { addDays, addMonths, type Day, localDay, monthOf, startOfDay } from "@/lib/local-day";
import { nextMilestone, rewardOf, type SignIn, signInOn } from "./daily-sign-in-rules";

/**
 * Signs a user in for the current day of their time zone and grants its credits, once a day. If
 * the day already has a sign-in, returns the latest one with `created` false.
 *
 * Locks the user's row, which serializes concurrent requests and changes of the time zone, and then
 * the account: make this the last statement before COMMIT.
 * @throws NotFound when the user does not exist or is deleted
 */
export async function signInDaily(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<{ signIn: SignIn; created: boolean }> {
  const timeZone = await lockTimeZone(tx, userId);
  const latest = await findLatestSignIn(tx, userId);
  const signIn = signInOn(localDay(now, timeZone), latest);
  if (signIn === null) {
    if (latest === null) throw new Error("A user without sign-ins cannot have signed in today.");
    return { signIn: latest, created: false };
  }
  await tx.insert(dailySignIn).values({ userId, ...signIn, signedInAt: now });
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
  /** Today already has a sign-in. Also true if a later day has one, after a move west. */
  readonly isDone: boolean;
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
  const [latest, days] = await Promise.all([
    findLatestSignIn(reader, userId),
    listDaysOfMonth(reader, userId, today),
  ]);
  const open = signInOn(today, latest);
  const streak = open === null ? (latest?.streak ?? 0) : open.streak - 1;
  return {
    at,
    today,
    isDone: open === null,
    credits: open?.credits ?? rewardOf(streak),
    streak,
    milestone: nextMilestone(streak),
    nextAt: open === null ? startOfDay(addDays(latest?.day ?? today, 1), timeZone) : null,
    days,
  };
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
