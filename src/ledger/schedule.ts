import { sql } from "drizzle-orm";
import { z } from "zod";
import { ALLOTMENT_GRACE_HOURS } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { callLedger } from "./call-ledger";
import { credits, hours, instant } from "./parameters";

/** Which schedules of a user: those of one source, or of one subscription. */
export type ScheduleSelector =
  | { readonly userId: string; readonly source: string }
  | { readonly userId: string; readonly subscriptionId: string };

/**
 * The instant `count` months after `anchor`, counted in UTC and clamped to the month's end, always
 * from the anchor. The same rule as the database's `credits_add_months`; a test compares the two.
 */
export function monthsAfter(anchor: Date, count: number): Date {
  const month = anchor.getUTCMonth() + count;
  const lastDay = new Date(Date.UTC(anchor.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const result = new Date(anchor);
  result.setUTCDate(1);
  result.setUTCMonth(month);
  result.setUTCDate(Math.min(anchor.getUTCDate(), lastDay));
  return result;
}

/**
 * The schedule of a subscription that was switched to a year while an allotment is running: nothing
 * is granted now, the next allotment is month `firstN`. Locks the account.
 */
export async function openYearlySchedule(
  tx: Transaction,
  schedule: {
    userId: string;
    source: string;
    subscriptionId: string;
    credits: number;
    anchorAt: Date;
    firstN: number;
    endsAt: Date;
    now: Date;
  },
): Promise<void> {
  await callLedger(
    tx,
    sql`select credits_open_schedule(${schedule.userId}, ${schedule.source}, 'yearly',
      ${schedule.subscriptionId}, null, ${credits(schedule.credits)}, 'SUBSCRIPTION_RENEWAL',
      ${instant(schedule.anchorAt)}, ${instant(schedule.endsAt)}, ${schedule.firstN}::integer,
      ${hours(ALLOTMENT_GRACE_HOURS)}, ${instant(schedule.now)}) as answer`,
    z.null(),
  );
}

/** No period due at or after `endsAt` is granted any more; earlier ones still are. Locks the account. */
export async function endSchedules(
  tx: Transaction,
  selector: ScheduleSelector & { endsAt: Date },
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_end_schedules(${selected(selector)}, ${instant(selector.endsAt)}) as answer`,
    z.number(),
  );
}

/** An opened dispute keeps allotments back. Locks the account. */
export async function suspendSchedules(
  tx: Transaction,
  selector: ScheduleSelector & { now: Date },
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_suspend_schedules(${selected(selector)}, ${instant(selector.now)}) as answer`,
    z.number(),
  );
}

/** A won dispute lets them go on, with the missed periods. Locks the account. */
export async function resumeSchedules(
  tx: Transaction,
  selector: ScheduleSelector,
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_resume_schedules(${selected(selector)}) as answer`,
    z.number(),
  );
}

/**
 * Takes back an end as of `fromAt`, the instant at which the purchase begins: its refund failed. The
 * schedule runs to `endsAt` again (null = for ever) and the missed periods are due. One that runs, or
 * was ended later for another reason, stays as it is. Locks the account.
 */
export async function reopenSchedules(
  tx: Transaction,
  selector: ScheduleSelector & { fromAt: Date; endsAt: Date | null },
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_reopen_schedules(${selected(selector)}, ${instant(selector.fromAt)},
      ${instant(selector.endsAt)}) as answer`,
    z.number(),
  );
}

function selected(selector: ScheduleSelector) {
  const source = "source" in selector ? selector.source : null;
  const subscriptionId = "subscriptionId" in selector ? selector.subscriptionId : null;
  return sql`${selector.userId}, ${source}::text, ${subscriptionId}::text`;
}
