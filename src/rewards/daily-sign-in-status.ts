import { and, asc, desc, eq, gte, lt } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { dailySignIn } from "@/db/schema";
import { addDays, addMonths, type Day, localDay, monthOf, startOfDay } from "@/lib/local-day";
import { nextMilestone, rewardOf, type SignIn, signInOn } from "./daily-sign-in-rules";

export interface SignInStatus {
  /** When this was so. */
  readonly at: Date;
  /** The day it is for the user. */
  readonly today: Day;
  /** Whether today's credits are given; also when a later day's are, after a move to the west. */
  readonly isDone: boolean;
  /** What today brings, or the latest sign-in brought. */
  readonly credits: number;
  /** Days in a row, today included once it is done; 0 after a day without. */
  readonly streak: number;
  readonly milestone: {
    readonly inDays: number;
    readonly streak: number;
    readonly credits: number;
  };
  /** When the next day opens that is still to be had. Null while that is today. */
  readonly nextAt: Date | null;
  /** The days of this month that were signed in on. */
  readonly days: readonly Day[];
}

/** How a user's daily sign-in stands at an instant, in their zone. Reads only; locks nothing. */
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
    ...{ at, today, days, streak },
    isDone: open === null,
    credits: open?.credits ?? rewardOf(streak),
    milestone: nextMilestone(streak),
    nextAt: open === null ? startOfDay(addDays(latest?.day ?? today, 1), timeZone) : null,
  };
}

export async function findLatestSignIn(reader: Executor, userId: string): Promise<SignIn | null> {
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
