import { addHours, max } from "date-fns";
import { sql } from "drizzle-orm";
import { ALLOTMENT_GRACE_HOURS } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { type Booking, bookingSchema, callLedger } from "./call-ledger";
import { grantCredits } from "./grant-credits";
import { credits, hours, instant } from "./parameters";

/**
 * The allotment of one paid month of a monthly subscription: a grace longer than the period itself,
 * so that nobody stands at zero while the next charge is under way. Once an invoice.
 * @throws as grantCredits
 */
export async function grantSubscriptionMonth(
  tx: Transaction,
  month: { userId: string; invoiceId: string; credits: number; periodEndsAt: Date; now: Date },
): Promise<Booking> {
  return grantCredits(tx, {
    userId: month.userId,
    key: `invoice:${month.invoiceId}:allotment`,
    amount: month.credits,
    type: "SUBSCRIPTION_RENEWAL",
    source: `invoice:${month.invoiceId}`,
    // Paid after its own period (a charge retried for weeks): it still lasts the grace from now.
    expiresAt: addHours(max([month.periodEndsAt, month.now]), ALLOTMENT_GRACE_HOURS),
    paid: true,
    now: month.now,
  });
}

/**
 * A paid year: grants its first month under the invoice's key and opens the schedule of the other
 * eleven, anchored at the line's period start. One call to the database, which locks the account:
 * make it the last statement before COMMIT.
 */
export async function grantYearlyStart(
  tx: Transaction,
  year: {
    userId: string;
    invoiceId: string;
    subscriptionId: string;
    credits: number;
    anchorAt: Date;
    endsAt: Date;
    now: Date;
  },
): Promise<Booking> {
  return openPaidSchedule(tx, {
    ...year,
    id: `invoice:${year.invoiceId}`,
    kind: "yearly",
    type: "SUBSCRIPTION_RENEWAL",
  });
}

/** A lifetime: grants its first month under the session's key and opens a schedule without an end. */
export async function grantLifetimeStart(
  tx: Transaction,
  lifetime: { userId: string; sessionId: string; credits: number; anchorAt: Date; now: Date },
): Promise<Booking> {
  return openPaidSchedule(tx, {
    ...lifetime,
    id: `checkout:${lifetime.sessionId}`,
    kind: "lifetime",
    type: "LIFETIME_MONTHLY",
    subscriptionId: null,
    endsAt: null,
  });
}

async function openPaidSchedule(
  tx: Transaction,
  schedule: {
    userId: string;
    id: string;
    kind: "yearly" | "lifetime";
    type: "SUBSCRIPTION_RENEWAL" | "LIFETIME_MONTHLY";
    subscriptionId: string | null;
    credits: number;
    anchorAt: Date;
    endsAt: Date | null;
    now: Date;
  },
): Promise<Booking> {
  return callLedger(
    tx,
    sql`select credits_open_schedule(${schedule.userId}, ${schedule.id},
      ${schedule.kind}::credit_schedule_kind, ${schedule.subscriptionId}::text,
      ${`${schedule.id}:allotment`}, ${credits(schedule.credits)}, ${schedule.type}::credit_type,
      ${instant(schedule.anchorAt)}, ${instant(schedule.endsAt)}, 1,
      ${hours(ALLOTMENT_GRACE_HOURS)}, ${instant(schedule.now)}) as answer`,
    bookingSchema,
  );
}
