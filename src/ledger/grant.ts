import { addHours, max } from "date-fns";
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { catalog } from "@/catalog/catalog";
import { graceHoursOf } from "@/catalog/items";
import type { Executor, Transaction } from "@/db/client";
import {
  callLedger,
  credits,
  hours,
  instant,
  type TransactionResult,
  transactionResultSchema,
} from "./call-ledger";
import type { creditType } from "./schema";

export type CreditType = (typeof creditType.enumValues)[number];

export interface Grant {
  readonly userId: string;
  /** Names the business fact and the effect: `checkout:cs_…:pack`. */
  readonly key: string;
  /** Whole credits, at least 1. */
  readonly amount: number;
  readonly type: CreditType;
  /** The business fact alone: `checkout:cs_…`. A revocation draws on lots of its source first. */
  readonly source: string;
  /** Null: never. */
  readonly expiresAt: Date | null;
  /** Paid or promotional; promotional credits are spent first. */
  readonly paid: boolean;
  /** A lower priority is spent first. Default 0. */
  readonly priority?: number;
  readonly now: Date;
}

/**
 * Grants a lot of credits, once per key; a repeated call returns the first transaction. The lot
 * settles debt first. Locks the account: make this the last statement before COMMIT.
 * @throws IdempotencyConflict, InvalidAmount, InvalidExpiry
 */
export async function grantCredits(tx: Transaction, grant: Grant): Promise<TransactionResult> {
  return callLedger(
    tx,
    sql`select credits_grant(${grant.userId}, ${grant.key}, ${credits(grant.amount)},
      ${grant.type}::credit_type, ${grant.source}, ${instant(grant.expiresAt)}, ${grant.paid},
      ${grant.priority ?? 0}::integer, ${instant(grant.now)}) as result`,
    transactionResultSchema,
  );
}

/** What a new user gets for free. */
export interface FreeCredits {
  readonly userId: string;
  /** Whether the sign-up gift is granted. */
  readonly withGift: boolean;
  /** The first free month; at or before `now`: granted at once. Null: the free months are withheld. */
  readonly monthsFromAt: Date | null;
  readonly now: Date;
}

/**
 * Opens a new user's account: the sign-up gift, the first free month and the schedule of free
 * months, unless one is withheld. Idempotent. Locks the account: make this the last statement before
 * COMMIT.
 */
export async function openCreditAccount(
  tx: Transaction,
  { userId, now, withGift = true, monthsFromAt = now }: OpenedAccount,
): Promise<void> {
  const free = { userId, now, withGift, monthsFromAt };
  await callLedger(
    tx,
    sql`select credits_open_account(${freeCreditsParameters(free)}) as result`,
    z.boolean(),
  );
}

type OpenedAccount = Pick<FreeCredits, "userId" | "now"> & Partial<FreeCredits>;

/**
 * Grants what the opening of an account withheld: the gift, once, and the free months from
 * `monthsFromAt` on (null: they stay withheld). Months that have been granted are not granted again.
 * Locks the account: make this the last statement before COMMIT.
 * @throws CreditAccountNotFound
 */
export async function grantWithheldCredits(tx: Transaction, free: FreeCredits): Promise<void> {
  await callLedger(
    tx,
    sql`select credits_grant_withheld(${freeCreditsParameters(free)})::text as result`,
    z.string(),
  );
}

function freeCreditsParameters({ userId, withGift, monthsFromAt, now }: FreeCredits): SQL {
  const { signUpGift, freePlan } = catalog;
  return sql`${userId}, ${withGift ? credits(signUpGift.credits) : sql`null::bigint`},
    ${instant(addHours(now, signUpGift.expireDays * 24))}, ${credits(freePlan.creditsPerMonth)},
    ${hours(graceHoursOf(freePlan))}, ${instant(monthsFromAt)}, ${instant(now)}`;
}

/** The grace of a price's terms, in hours; null or absent: the catalogue's default. */
interface Grace {
  readonly graceHours?: number | null | undefined;
}

/**
 * Grants the allotment of one paid month of a monthly subscription, once per invoice. The lot
 * outlives the period by the grace, so that the balance is not zero while the next charge runs.
 * @throws the errors of grantCredits
 */
export async function grantSubscriptionMonth(
  tx: Transaction,
  month: Grace & {
    userId: string;
    invoiceId: string;
    credits: number;
    periodEndsAt: Date;
    now: Date;
  },
): Promise<TransactionResult> {
  return grantCredits(tx, {
    userId: month.userId,
    key: `invoice:${month.invoiceId}:allotment`,
    amount: month.credits,
    type: "SUBSCRIPTION_RENEWAL",
    source: `invoice:${month.invoiceId}`,
    expiresAt: subscriptionMonthExpiry(month),
    paid: true,
    now: month.now,
  });
}

/**
 * Grants the difference to a higher tier for the rest of a running month, once per invoice. The lot
 * outlives the month by the grace, like its allotment.
 * @throws the errors of grantCredits
 */
export async function grantUpgrade(
  tx: Transaction,
  upgrade: Grace & {
    userId: string;
    invoiceId: string;
    credits: number;
    monthEndsAt: Date;
    now: Date;
  },
): Promise<TransactionResult> {
  return grantCredits(tx, {
    userId: upgrade.userId,
    key: `invoice:${upgrade.invoiceId}:upgrade`,
    amount: upgrade.credits,
    type: "SUBSCRIPTION_RENEWAL",
    source: `invoice:${upgrade.invoiceId}`,
    expiresAt: subscriptionMonthExpiry({ ...upgrade, periodEndsAt: upgrade.monthEndsAt }),
    paid: true,
    now: upgrade.now,
  });
}

/**
 * When the allotment of a monthly subscription expires: the grace after its period, or after the
 * booking if a charge that was retried for weeks is paid later still.
 */
export function subscriptionMonthExpiry(month: Grace & { periodEndsAt: Date; now: Date }): Date {
  return addHours(max([month.periodEndsAt, month.now]), graceHoursOf(month));
}

/**
 * Grants the first month of a paid year under the invoice's key and opens the schedule of the other
 * eleven. `anchorAt` is the invoice line's period start. Locks the account: make this the last
 * statement before COMMIT.
 */
export async function grantYearlyStart(
  tx: Transaction,
  year: Grace & {
    userId: string;
    invoiceId: string;
    subscriptionId: string;
    credits: number;
    anchorAt: Date;
    endsAt: Date;
    now: Date;
  },
): Promise<TransactionResult> {
  return openPaidSchedule(tx, {
    ...year,
    id: `invoice:${year.invoiceId}`,
    kind: "yearly",
    type: "SUBSCRIPTION_RENEWAL",
  });
}

/**
 * Grants the first month of a lifetime under the checkout session's key and opens a schedule without
 * an end. Locks the account: make this the last statement before COMMIT.
 */
export async function grantLifetimeStart(
  tx: Transaction,
  lifetime: Grace & {
    userId: string;
    sessionId: string;
    credits: number;
    anchorAt: Date;
    now: Date;
  },
): Promise<TransactionResult> {
  return openPaidSchedule(tx, {
    ...lifetime,
    id: `checkout:${lifetime.sessionId}`,
    kind: "lifetime",
    type: "LIFETIME_MONTHLY",
    subscriptionId: null,
    endsAt: null,
  });
}

/** The source of a trial's lot. */
export function trialSource({ subscriptionId }: { subscriptionId: string }): string {
  return `trial:${subscriptionId}`;
}

/**
 * Grants a trial's lot, once per subscription. It expires with the trial and counts as promotional.
 * @throws the errors of grantCredits
 */
export async function grantTrial(
  tx: Transaction,
  trial: { userId: string; subscriptionId: string; credits: number; endsAt: Date; now: Date },
): Promise<TransactionResult> {
  const source = trialSource(trial);
  return grantCredits(tx, {
    userId: trial.userId,
    key: `${source}:allotment`,
    amount: trial.credits,
    type: "TRIAL",
    source,
    expiresAt: trial.endsAt,
    paid: false,
    now: trial.now,
  });
}

/**
 * Moves the expiry of a source's trial lots, to `now` at the earliest. A lot that has expired stays expired.
 * Returns the number of lots. Locks the account: make this the last statement before COMMIT.
 */
export async function moveTrialExpiry(
  tx: Transaction,
  moved: { userId: string; source: string; expiresAt: Date; now: Date },
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_move_expiry(${moved.userId}, ${moved.source}, ${instant(moved.expiresAt)},
      ${instant(moved.now)}) as result`,
    z.number(),
  );
}

/** Reads when the first allotment of a yearly or lifetime schedule expires if it is granted at `now`. */
export async function readFirstAllotmentExpiry(
  reader: Executor,
  { anchorAt, graceHours, now }: Grace & { anchorAt: Date; now: Date },
): Promise<Date> {
  const [row] = await reader.execute<{ expires_at: string }>(
    sql`select credits_allotment_expiry(${instant(anchorAt)}, 0, ${hours(graceHoursOf({ graceHours }))},
      ${instant(now)}) as expires_at`,
  );
  if (row === undefined) throw new Error("credits_allotment_expiry returned no row.");
  return new Date(row.expires_at);
}

async function openPaidSchedule(
  tx: Transaction,
  schedule: Grace & {
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
): Promise<TransactionResult> {
  return callLedger(
    tx,
    sql`select credits_open_schedule(${schedule.userId}, ${schedule.id},
      ${schedule.kind}::credit_schedule_kind, ${schedule.subscriptionId}::text,
      ${`${schedule.id}:allotment`}, ${credits(schedule.credits)}, ${schedule.type}::credit_type,
      ${instant(schedule.anchorAt)}, ${instant(schedule.endsAt)}, 1,
      ${hours(graceHoursOf(schedule))}, ${instant(schedule.now)}) as result`,
    transactionResultSchema,
  );
}
