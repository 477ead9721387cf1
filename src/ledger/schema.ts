import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, whole } from "@/db/schema/columns";

/**
 * The ledger. Only the functions in `src/ledger/sql` write these tables; the application's role
 * may read them and call the functions. Meanings and invariants: `src/ledger/README.md`.
 *
 * No foreign keys: every row is written by a function that holds the account's lock, and keys on
 * these tables would cost a bulk grant about a third of its rate.
 */
export const creditType = pgEnum("credit_type", [
  "REGISTER_GIFT",
  "MONTHLY_REFRESH",
  "SUBSCRIPTION_RENEWAL",
  "LIFETIME_MONTHLY",
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
    /** Sum of what is left on lots, less debt, as last booked. What can be spent now: `credits_balance`. */
    balance: whole().notNull().default(0),
    held: whole().notNull().default(0),
    debt: whole().notNull().default(0),
    /** Sequence number of the account's latest transaction. */
    version: whole().notNull().default(0),
    /** The latest instant this account was written as of; an account's time never runs backward. */
    asOf: instant().notNull(),
    /** When the sign-up credits were granted; null while they are still owed. */
    openedAt: instant(),
    frozenAt: instant(),
    frozenReason: text(),
  },
  (table) => [
    index("credit_account_frozen").on(table.userId).where(sql`frozen_at is not null`),
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
    /** 1, 2, 3 … without a gap, in booking order. */
    seq: whole().notNull(),
    type: creditType().notNull(),
    operation: creditOperation().notNull(),
    amount: whole().notNull(),
    /** Running sum in booking order: available + held. */
    balanceAfter: whole().notNull(),
    idempotencyKey: text().notNull(),
    /** The business fact behind it: `checkout:cs_…`, `reading:…`, `signup`. */
    source: text().notNull(),
    /** EXPIRE: the lot that expired. */
    lotSeq: whole(),
    /** USAGE_REFUND: the spend given back. RESTORE: the revocation undone. */
    relatedSeq: whole(),
    /** What was asked for, where it differs from the amount booked. */
    requested: whole(),
    /** REVOKE: how much of it became debt. */
    debtMade: whole(),
    /** REVOKE: the refund (`refund:re_…`) or dispute (`dispute:dp_…`) behind it, if any. */
    reversalId: text(),
    bookedAt: instant().notNull(),
    effectiveAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.seq] }),
    uniqueIndex("credit_transaction_key").on(table.userId, table.idempotencyKey),
    index("credit_transaction_related")
      .on(table.userId, table.relatedSeq)
      .where(sql`related_seq is not null`),
    // Of EXPIRE rows alone: what became of a lot, however long the ledger.
    index("credit_transaction_lot").on(table.userId, table.lotSeq).where(sql`lot_seq is not null`),
    index("credit_transaction_revoke").on(table.userId, table.seq).where(sql`type = 'REVOKE'`),
    // For what is not in `credit_day_total` yet. Rows lie in the order in which they were booked, so
    // a few block ranges hold the latest; it costs a write next to nothing.
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
    /** The sequence number of the transaction that granted it. */
    seq: whole().notNull(),
    type: creditType().notNull(),
    source: text().notNull(),
    amount: whole().notNull(),
    remaining: whole().notNull(),
    priority: integer().notNull().default(0),
    paid: boolean().notNull(),
    grantedAt: instant().notNull(),
    expiresAt: instant(),
    /** The period of the schedule named by `source` that this lot is the allotment of; else null. */
    periodNumber: integer(),
    /** Its own column, so that a change of `remaining` above zero stays off the indexes (HOT). */
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

export const creditHold = pgTable(
  "credit_hold",
  {
    userId: text().notNull(),
    /** The idempotency key it was made with is its name. */
    key: text().notNull(),
    amount: whole().notNull(),
    captured: whole().notNull().default(0),
    source: text().notNull(),
    status: creditHoldStatus().notNull().default("open"),
    /** The key of the release that closed it. */
    releaseKey: text(),
    /** The transaction that captured it. */
    captureSeq: whole(),
    heldAt: instant().notNull(),
    expiresAt: instant().notNull(),
    closedAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.key] }),
    uniqueIndex("credit_hold_release_key")
      .on(table.userId, table.releaseKey)
      .where(sql`release_key is not null`),
    index("credit_hold_open").on(table.expiresAt, table.userId).where(sql`status = 'open'`),
    index("credit_hold_open_of_user").on(table.userId, table.expiresAt).where(sql`status = 'open'`),
    check("credit_hold_amount", sql`amount > 0 and captured between 0 and amount`),
    check("credit_hold_order", sql`expires_at > held_at`),
  ],
);

/** How much of which lot a debit or a hold drew (positive) or a refund or restoration gave back (negative). */
export const creditAllocation = pgTable(
  "credit_allocation",
  {
    id: whole().generatedAlwaysAsIdentity(),
    userId: text().notNull(),
    lotSeq: whole().notNull(),
    amount: whole().notNull(),
    /** The transaction it belongs to; null for what a hold set aside. */
    transactionSeq: whole(),
    holdKey: text(),
    /** Set aside or drawn from this instant … */
    fromAt: instant().notNull(),
    /** … until this one; a debit's has no end. */
    toAt: instant().notNull(),
  },
  (table) => [
    // In this order it also finds what was drawn from a lot: one index less for every spend to write.
    primaryKey({ columns: [table.userId, table.lotSeq, table.id] }),
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

/** Credits put on a lot (or restored, then without a lot) that paid off debt. Append-only. */
export const creditSettlement = pgTable(
  "credit_settlement",
  {
    id: whole().generatedAlwaysAsIdentity(),
    userId: text().notNull(),
    /** The lot whose credits paid; null when a restoration cancelled the debt itself. */
    lotSeq: whole(),
    revokeSeq: whole().notNull(),
    amount: whole().notNull(),
    at: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.id] }),
    index("credit_settlement_revoke").on(table.userId, table.revokeSeq),
    check("credit_settlement_amount", sql`amount > 0`),
  ],
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
    credits: whole().notNull(),
    subscriptionId: text(),
    anchorAt: instant().notNull(),
    /** The number of the period to be granted next. */
    nextN: integer().notNull(),
    /** When that is due; null when nothing more will be (ended or suspended). */
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
    check("credit_schedule_credits", sql`credits > 0`),
    check("credit_schedule_next", sql`next_n >= 0`),
  ],
);

/**
 * When the books were reconciled, how far, and what was found. Each batch writes its progress in
 * its own transaction, so that one that was cut off is gone on with.
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
    /** The last user, in the order of ids, who was checked. */
    reachedUser: text().notNull().default(""),
    /** Users whose books did not balance; their spending is frozen. */
    driftedUsers: text().array().notNull().default(sql`'{}'`),
    /** How many of them the people who run the site were told of. */
    alertedCount: integer().notNull().default(0),
  },
  (table) => [index("reconciliation_recent").on(table.startedAt.desc())],
);
