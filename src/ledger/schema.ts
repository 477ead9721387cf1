import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  interval,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, json, whole } from "@/db/schema/columns";

/**
 * The ledger's tables. Only the functions in `src/ledger/sql` write them; the application's role may
 * read them and call the functions. Terms and invariants: `src/ledger/README.md`. No foreign keys:
 * docs/decisions/0006.
 */
export const creditType = pgEnum("credit_type", [
  "REGISTER_GIFT",
  "MONTHLY_REFRESH",
  "SUBSCRIPTION_RENEWAL",
  "LIFETIME_MONTHLY",
  "TRIAL",
  "PURCHASE_PACKAGE",
  "DAILY_SIGNIN",
  "ADMIN_ADJUST",
  "USAGE",
  "USAGE_REFUND",
  "EXPIRE",
  "REVOKE",
  "RESTORE",
]);

export const creditOperation = pgEnum("credit_operation", [
  "grant",
  "spend",
  "capture",
  "refund",
  "revoke",
  "restore",
  "expire",
  "adjust",
]);

export const creditAccount = pgTable(
  "credit_account",
  {
    userId: text().primaryKey(),
    /** Sum of the lots' remainders less debt, as last booked. For the balance now: `credits_balance`. */
    balance: whole().notNull().default(0),
    held: whole().notNull().default(0),
    debt: whole().notNull().default(0),
    /** Number of the account's latest transaction. */
    version: whole().notNull().default(0),
    /** Numbers of the account's latest allocation and settlement. */
    lastAllocation: whole().notNull().default(0),
    lastSettlement: whole().notNull().default(0),
    /** The latest instant of a write. An account's time never runs backward. */
    asOf: instant().notNull(),
    /** When the sign-up credits were granted; null before. */
    openedAt: instant(),
    frozenAt: instant(),
    frozenReason: text(),
    /** A balance below it is low. Null: `low_balance_default`. */
    lowBalance: whole(),
  },
  (table) => [
    index("credit_account_frozen").on(table.userId).where(sql`frozen_at is not null`),
    check("credit_account_low_balance", sql`low_balance > 0`),
    check("credit_account_held", sql`held >= 0`),
    check("credit_account_debt", sql`debt >= 0`),
    check("credit_account_not_overdrawn", sql`balance + debt >= 0`),
    check("credit_account_debt_means_empty", sql`debt = 0 or balance = -debt`),
  ],
);

export const creditTransaction = pgTable(
  "credit_transaction",
  {
    userId: text().notNull(),
    /** 1, 2, 3 and so on without a gap, in booking order. */
    seq: whole().notNull(),
    type: creditType().notNull(),
    operation: creditOperation().notNull(),
    amount: whole().notNull(),
    /** Running sum in booking order: available + held. */
    balanceAfter: whole().notNull(),
    idempotencyKey: text().notNull(),
    /** The business fact behind it: `checkout:cs_…`, `signup`, or what a product charged. */
    source: text().notNull(),
    /** EXPIRE: the lot that expired. */
    lotSeq: whole(),
    /** USAGE_REFUND: the refunded spend. RESTORE: the undone revocation. */
    relatedSeq: whole(),
    /** The requested amount, where it differs from the booked one: of a refund, or of a capture that was
     * charged only in part. */
    requested: whole(),
    /** REVOKE, and a capture above its hold: how much of it became debt. */
    debtMade: whole(),
    /** REVOKE: the refund (`refund:re_…`) or dispute (`dispute:dp_…`) behind it, if any. */
    reversalId: text(),
    /** USAGE and USAGE_REFUND: the service that spent through the API; null on the site. */
    serviceId: text(),
    /** USAGE and USAGE_REFUND: the catalogue's feature. */
    feature: text(),
    /** USAGE: what was used, if it was priced by a rate card: `{model, tier, units}`. */
    usage: json(),
    /**
     * When spending limits count it, if not when it is booked: a capture when its hold was made, a
     * refund when its spend counts.
     */
    countedAt: instant(),
    bookedAt: instant().notNull(),
    effectiveAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.seq] }),
    uniqueIndex("credit_transaction_key").on(table.userId, table.idempotencyKey),
    index("credit_transaction_related")
      .on(table.userId, table.relatedSeq)
      .where(sql`related_seq is not null`),
    // EXPIRE rows only: finds a lot's expiry however long the ledger is.
    index("credit_transaction_lot").on(table.userId, table.lotSeq).where(sql`lot_seq is not null`),
    index("credit_transaction_service")
      .on(table.serviceId, sql`(coalesce(counted_at, booked_at))`)
      .where(sql`service_id is not null`),
    index("credit_transaction_debt").on(table.userId, table.seq).where(sql`debt_made > 0`),
    index("credit_transaction_revoke").on(table.userId, table.seq).where(sql`type = 'REVOKE'`),
    // For rows that are not in `credit_day_total` yet. Rows are stored in booking order, so a
    // few block ranges hold the latest. It costs a write almost nothing.
    index("credit_transaction_booked")
      .using("brin", table.bookedAt)
      .with({ pages_per_range: 32, autosummarize: true }),
    check("credit_transaction_not_zero", sql`amount <> 0`),
  ],
);

export const creditLot = pgTable(
  "credit_lot",
  {
    userId: text().notNull(),
    /** The number of the transaction that granted it. */
    seq: whole().notNull(),
    type: creditType().notNull(),
    source: text().notNull(),
    amount: whole().notNull(),
    remaining: whole().notNull(),
    priority: integer().notNull().default(0),
    paid: boolean().notNull(),
    grantedAt: instant().notNull(),
    /** A fact like the others, except for a trial's lot, which ends with its trial. */
    expiresAt: instant(),
    /** The period of the schedule named by `source` that this lot is the allotment of; else null. */
    periodNumber: integer(),
    /** A column, so that a change of `remaining` above zero updates no index (docs/decisions/0005). */
    isOpen: boolean().notNull().generatedAlwaysAs(sql`remaining > 0`),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.seq] }),
    index("credit_lot_burn_order")
      .on(table.userId, table.priority, table.expiresAt, table.paid, table.grantedAt, table.seq)
      .where(sql`is_open`),
    index("credit_lot_expiry")
      .on(table.expiresAt, table.userId)
      .where(sql`is_open and expires_at is not null`),
    check("credit_lot_remaining", sql`remaining between 0 and amount`),
    check("credit_lot_amount", sql`amount > 0`),
  ],
);

export const creditHoldStatus = pgEnum("credit_hold_status", [
  "open",
  "captured",
  "released",
  "lapsed",
]);

/**
 * What happens to work that used more than its hold (docs/decisions/0091): the hold is charged in any
 * case; `charge` also takes the rest from the balance and, up to the debt limit, into debt.
 */
export const creditOverrun = pgEnum("credit_overrun", ["refuse", "cap", "charge"]);

export const creditHold = pgTable(
  "credit_hold",
  {
    userId: text().notNull(),
    /** The idempotency key of the hold. */
    key: text().notNull(),
    /** What is held, extensions included. */
    amount: whole().notNull(),
    captured: whole().notNull().default(0),
    source: text().notNull(),
    status: creditHoldStatus().notNull().default("open"),
    /** The key that closed it without a transaction: of a release, or of a capture that charged nothing. */
    releaseKey: text(),
    /** The transaction that captured it. */
    captureSeq: whole(),
    /** The service that made it through the API; null on the site. */
    serviceId: text(),
    /** The catalogue's feature, if one was named. */
    feature: text(),
    /** The expected use, if it is priced by a rate card: `{model, tier, units}`. */
    usage: json(),
    /** The rate that applies at its capture, whatever the catalogue says then. */
    rate: json(),
    /** Null: a capture above the hold or after its lapse is refused. */
    overrun: creditOverrun(),
    /** With `charge`: the debt of the account that it may lead to. */
    debtLimit: whole(),
    heldAt: instant().notNull(),
    expiresAt: instant().notNull(),
    closedAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.key] }),
    uniqueIndex("credit_hold_release_key")
      .on(table.userId, table.releaseKey)
      .where(sql`release_key is not null`),
    index("credit_hold_service")
      .on(table.serviceId, table.heldAt)
      .where(sql`service_id is not null and status = 'open'`),
    index("credit_hold_open").on(table.expiresAt, table.userId).where(sql`status = 'open'`),
    index("credit_hold_open_of_user").on(table.userId, table.expiresAt).where(sql`status = 'open'`),
    check("credit_hold_amount", sql`amount > 0 and captured >= 0`),
    check("credit_hold_overrun", sql`overrun is not null or captured <= amount`),
    check("credit_hold_debt_limit", sql`debt_limit >= 0`),
    check("credit_hold_order", sql`expires_at > held_at`),
  ],
);

/** The extensions of holds, one for each idempotency key. Append-only. */
export const creditHoldExtension = pgTable(
  "credit_hold_extension",
  {
    userId: text().notNull(),
    /** The idempotency key of the extension. */
    key: text().notNull(),
    holdKey: text().notNull(),
    /** Credits that it added to the hold, and the expected use that they pay for. */
    amount: whole().notNull(),
    usage: json(),
    /** The expiry of the hold before and after it. */
    expiredAt: instant().notNull(),
    expiresAt: instant().notNull(),
    extendedAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.key] }),
    index("credit_hold_extension_hold").on(table.userId, table.holdKey),
    check("credit_hold_extension_amount", sql`amount >= 0`),
    check("credit_hold_extension_order", sql`expires_at >= expired_at`),
  ],
);

export const unbilledReason = pgEnum("unbilled_reason", [
  "overrun_policy",
  "spend_limit",
  "balance",
  "debt_limit",
  "account_frozen",
]);

/** What captures could not charge, one row for each. Append-only. */
export const creditUnbilled = pgTable(
  "credit_unbilled",
  {
    userId: text().notNull(),
    /** The idempotency key of the capture. */
    key: text().notNull(),
    holdKey: text().notNull(),
    serviceId: text(),
    feature: text(),
    usage: json(),
    overrun: creditOverrun().notNull(),
    /** What the work cost, and how much of it was not charged. */
    requested: whole().notNull(),
    amount: whole().notNull(),
    /** What stopped the charge. */
    reason: unbilledReason().notNull(),
    /** The transaction of the rest; null if nothing was charged. */
    captureSeq: whole(),
    /** Available + held, after the capture. */
    balanceAfter: whole().notNull(),
    at: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.key] }),
    index("credit_unbilled_recent").on(table.at),
    check("credit_unbilled_amount", sql`amount between 1 and requested`),
  ],
);

/** What a debit or hold drew from a lot (positive) or a refund or restoration put back (negative). */
export const creditAllocation = pgTable(
  "credit_allocation",
  {
    userId: text().notNull(),
    /** Ascends per user, in the order in which they are booked (docs/decisions/0076). */
    number: whole().notNull(),
    lotSeq: whole().notNull(),
    amount: whole().notNull(),
    /** The transaction it belongs to; null for a hold. */
    transactionSeq: whole(),
    holdKey: text(),
    /** When it was held or drawn. */
    fromAt: instant().notNull(),
    /** When a hold's allocation ends; infinity for a transaction's. */
    toAt: instant().notNull(),
  },
  (table) => [
    // In this order it also finds a lot's allocations, which saves every spend an index.
    primaryKey({ columns: [table.userId, table.lotSeq, table.number] }),
    index("credit_allocation_transaction")
      .on(table.userId, table.transactionSeq)
      .where(sql`transaction_seq is not null`),
    index("credit_allocation_hold")
      .on(table.userId, table.holdKey)
      .where(sql`hold_key is not null`),
    check("credit_allocation_amount", sql`amount <> 0`),
    check("credit_allocation_owner", sql`(transaction_seq is null) <> (hold_key is null)`),
  ],
);

/** Debt settled by credits put on a lot, or cancelled by a restoration or refund. Append-only. */
export const creditSettlement = pgTable(
  "credit_settlement",
  {
    userId: text().notNull(),
    /** Ascends per user, in the order in which they are booked. */
    number: whole().notNull(),
    /** The lot whose credits settled it; null if the debt was cancelled. */
    lotSeq: whole(),
    /** The transaction that made the debt: a revocation, or a capture above its hold. */
    revokeSeq: whole().notNull(),
    amount: whole().notNull(),
    at: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.number] }),
    index("credit_settlement_revoke").on(table.userId, table.revokeSeq),
    check("credit_settlement_amount", sql`amount > 0`),
  ],
);

export const spendWindow = pgEnum("spend_window", ["day", "month", "total"]);

/**
 * Limits of spending. A limit applies to every spend and hold that matches its user and its service;
 * null matches all. Days and months are those of UTC. docs/decisions/0087.
 */
export const spendLimit = pgTable(
  "spend_limit",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: text(),
    serviceId: text(),
    window: spendWindow().notNull(),
    amount: whole().notNull(),
    /** False: the limit is reported but refuses nothing. */
    isHard: boolean().notNull(),
  },
  (table) => [
    unique("spend_limit_window").on(table.userId, table.serviceId, table.window).nullsNotDistinct(),
    index("spend_limit_service").on(table.serviceId).where(sql`service_id is not null`),
    check("spend_limit_subject", sql`num_nonnulls(user_id, service_id) > 0`),
    check("spend_limit_amount", sql`amount >= 0`),
  ],
);

/** What counts against a limit in one window. A row is never reset: a new window has a new row. */
export const spendCount = pgTable(
  "spend_count",
  {
    limitId: uuid().notNull(),
    /** The beginning of the window; -infinity for the window `total`. */
    startsAt: instant().notNull(),
    used: whole().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.limitId, table.startsAt] }),
    check("spend_count_used", sql`used >= 0`),
  ],
);

/** The threshold of the accounts that have none of their own, from the catalogue. At most one row. */
export const lowBalanceDefault = pgTable(
  "low_balance_default",
  {
    id: integer().primaryKey().default(1),
    credits: whole().notNull(),
  },
  () => [
    check("low_balance_default_one_row", sql`id = 1`),
    check("low_balance_default_credits", sql`credits > 0`),
  ],
);

export const creditSignalKind = pgEnum("credit_signal_kind", [
  "balance-low",
  "balance-depleted",
  "limit-reached",
  "hold-lapsed",
]);

/**
 * What the rest of the application must know about a write: appended in its transaction, and deleted in the transaction that
 * turns it into notices, emails and events (docs/decisions/0093).
 */
export const creditSignal = pgTable(
  "credit_signal",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: text().notNull(),
    kind: creditSignalKind().notNull(),
    /** As `src/ledger/signals.ts` parses them. */
    facts: json().notNull(),
    /** The account's time. */
    at: instant().notNull(),
  },
  (table) => [index("credit_signal_queue").on(table.at, table.id)],
);

export const creditScheduleKind = pgEnum("credit_schedule_kind", ["free", "yearly", "lifetime"]);

/** The promise of monthly allotments from one source. */
export const creditSchedule = pgTable(
  "credit_schedule",
  {
    userId: text().notNull(),
    /** Its source: `signup`, `invoice:in_…`, `checkout:cs_…`. */
    id: text().notNull(),
    kind: creditScheduleKind().notNull(),
    /** What each allotment to come brings. */
    credits: whole().notNull(),
    /** What the purchase's refunds and disputes take off each allotment. */
    reversedCredits: whole().notNull().default(0),
    /** How long an allotment outlives the next due time; null: the catalogue's default. */
    grace: interval(),
    subscriptionId: text(),
    anchorAt: instant().notNull(),
    /** The number of the period to be granted next. */
    nextN: integer().notNull(),
    /** When that period is due; null if the schedule has ended or is suspended. */
    nextDueAt: instant(),
    /** Periods due at or after this instant are not granted. */
    endsAt: instant(),
    suspendedAt: instant(),
    endedAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.id] }),
    index("credit_schedule_due")
      .on(table.nextDueAt, table.userId)
      .where(sql`next_due_at is not null`),
    index("credit_schedule_subscription")
      .on(table.subscriptionId)
      .where(sql`subscription_id is not null`),
    check(
      "credit_schedule_credits",
      sql`credits >= 0 and reversed_credits >= 0 and credits + reversed_credits > 0`,
    ),
    check("credit_schedule_next", sql`next_n >= 0`),
  ],
);

/**
 * Reconciliations with their progress and findings. Each batch records its progress in its own
 * transaction, so that an interrupted one can be resumed.
 */
export const reconciliation = pgTable(
  "reconciliation",
  {
    id: uuid().primaryKey().defaultRandom(),
    startedAt: instant().notNull(),
    /** When the last batch was checked; null before the first. */
    updatedAt: instant(),
    finishedAt: instant(),
    usersChecked: integer().notNull().default(0),
    /** The last user checked, in the order of ids. */
    reachedUser: text().notNull().default(""),
    /** Users whose books did not balance. Their spending is frozen. */
    driftedUsers: text().array().notNull().default(sql`'{}'`),
    /** How many of them the operators were alerted to. */
    alertedCount: integer().notNull().default(0),
  },
  (table) => [index("reconciliation_recent").on(table.startedAt.desc())],
);
