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
import { bytes, instant, json, whole } from "./columns";

/** A Stripe Checkout session created by the app. */
export const checkoutSession = pgTable(
  "checkout_session",
  {
    id: text().primaryKey(),
    userId: text().notNull(),
    /** Catalogue item, e.g. `pro-yearly` or `pack-standard`. */
    item: text().notNull(),
    status: text().notNull(),
    url: text(),
    expiresAt: instant().notNull(),
    createdAt: instant().notNull(),
  },
  (table) => [index("checkout_session_user").on(table.userId, table.createdAt.desc())],
);

/**
 * A buyer's request for supply before the withdrawal period ends, and their acknowledgement of what that
 * means, given before the payment page opened. Rows are only added.
 */
export const supplyConsent = pgTable(
  "supply_consent",
  {
    /** The Checkout session that it was given for. */
    sessionId: text().primaryKey(),
    userId: text().notNull(),
    item: text().notNull(),
    kind: text().$type<"subscription" | "lifetime" | "pack">().notNull(),
    /** Counts the versions of the text. */
    version: integer().notNull(),
    /** The language of the page. */
    locale: text().notNull(),
    /** The text that the buyer agreed to, as shown. */
    text: text().notNull(),
    consentedAt: instant().notNull(),
  },
  (table) => [index("supply_consent_user").on(table.userId, table.consentedAt.desc())],
);

/**
 * A consumer's statement of withdrawal from a purchase. An admin refunds it, or closes it with
 * a reason that the audit log keeps.
 */
export const withdrawal = pgTable(
  "withdrawal",
  {
    /** Created with the form, so that a resubmitted form counts once. */
    id: uuid().primaryKey(),
    /** The account: the caller's, or the one that an admin matched. Null until then. */
    userId: text(),
    /** `checkout:cs_…` or `subscription:sub_…`. Null if the statement names a purchase in words. */
    contractId: text(),
    /** Typed, or the account's. */
    name: text().notNull(),
    /** Where the receipt was sent. */
    email: text().notNull(),
    /** The purchase in the consumer's words, or the item with its date. */
    purchase: text().notNull(),
    locale: text().notNull(),
    submittedAt: instant().notNull(),
    status: text().$type<"open" | "refunded" | "closed">().notNull().default("open"),
    closedAt: instant(),
  },
  (table) => [
    index("withdrawal_user").on(table.userId),
    // For the deletion of an account, and the console's search.
    index("withdrawal_email").on(sql`lower(${table.email})`),
    index("withdrawal_recent").on(table.submittedAt.desc(), table.id),
    index("withdrawal_open").on(table.submittedAt).where(sql`status = 'open'`),
    // A purchase can be withdrawn from once, unless an admin closed the statement.
    uniqueIndex("withdrawal_contract").on(table.contractId).where(sql`status <> 'closed'`),
    check("withdrawal_status", sql`status in ('open', 'refunded', 'closed')`),
    check("withdrawal_closed", sql`(status = 'open') = (closed_at is null)`),
    check("withdrawal_contract_user", sql`contract_id is null or user_id is not null`),
  ],
);

/**
 * The terms that a Stripe price is sold under, one row for each of its currencies. Rows are only
 * added: what a buyer gets never changes with the catalogue.
 */
export const catalogPrice = pgTable(
  "catalog_price",
  {
    priceId: text().notNull(),
    /** Lower-case ISO 4217 code. */
    currency: text().notNull(),
    /** Minor units. */
    amount: whole().notNull(),
    /** Catalogue item, e.g. `pro-yearly` or `pack-standard`. */
    item: text().notNull(),
    /** Counts the item's terms and amounts, from 1. */
    version: integer().notNull(),
    kind: text().$type<"subscription" | "lifetime" | "pack">().notNull(),
    /** The plan's or the pack's id. */
    owner: text().notNull(),
    /** Null for packs. */
    tier: integer(),
    interval: text().$type<"month" | "year" | "once">(),
    /** Per month for a plan, in all for a pack. */
    credits: whole().notNull(),
    /** Packs: days from the grant to the expiry; null means never. */
    expireDays: integer(),
    /** A plan's own grace; null: the catalogue's default when an allotment is granted. */
    graceHours: integer(),
    trialDays: integer(),
    trialCredits: whole(),
    createdAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.priceId, table.currency] }),
    index("catalog_price_item").on(table.item, table.version.desc()),
    check("catalog_price_amount", sql`amount > 0 and credits > 0 and version > 0`),
    check(
      "catalog_price_kind",
      sql`case kind
        when 'subscription' then tier is not null and interval is not null and interval in ('month', 'year')
        when 'lifetime' then tier is not null and interval is not null and interval = 'once'
        when 'pack' then tier is null and interval is null
        else false end`,
    ),
    check("catalog_price_trial", sql`(trial_days is null) = (trial_credits is null)`),
  ],
);

/** A copy of a Stripe subscription's state; it never causes a grant. */
export const subscription = pgTable(
  "subscription",
  {
    id: text().primaryKey(),
    userId: text().notNull(),
    customerId: text().notNull(),
    priceId: text().notNull(),
    plan: text(),
    /** What all its invoices are in. Null if it was last fetched before this column existed. */
    currency: text(),
    status: text().notNull(),
    currentPeriodStartAt: instant(),
    currentPeriodEndAt: instant(),
    cancelAt: instant(),
    cancelAtPeriodEnd: boolean().notNull().default(false),
    canceledAt: instant(),
    endedAt: instant(),
    /** Stripe's `cancellation_details.comment`; ours if we ended it (live-subscriptions.ts). */
    cancellationComment: text(),
    trialEndAt: instant(),
    /** The item that a schedule changes the subscription to, and when. */
    scheduledItem: text(),
    scheduledAt: instant(),
    createdAt: instant().notNull(),
    /** Start of this state's fetch, by the database's clock. An older fetch never overwrites it. */
    fetchedAt: instant().notNull(),
  },
  (table) => [
    index("subscription_user").on(table.userId, table.createdAt.desc()),
    // For announcing renewals.
    index("subscription_renewal").on(table.currentPeriodEndAt).where(sql`status = 'active'`),
  ],
);

/**
 * A subscription's change to another version of its price. The subscriber was emailed before, and it
 * applies from a renewal on. `dropped`: the subscription ended or was switched, or another change
 * replaced this one.
 */
export const priceChange = pgTable(
  "price_change",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: text().notNull(),
    subscriptionId: text().notNull(),
    fromPriceId: text().notNull(),
    toPriceId: text().notNull(),
    currency: text().notNull(),
    quantity: integer().notNull(),
    status: text().$type<"scheduled" | "applied" | "dropped">().notNull().default("scheduled"),
    /** Earlier renewals keep the old price. */
    noticeEndsAt: instant().notNull(),
    /** The renewal that the email names; once applied, the first renewal at the new price. */
    effectiveAt: instant().notNull(),
    /** The renewal for which the Stripe call was enqueued. */
    calledForAt: instant(),
    createdAt: instant().notNull(),
    closedAt: instant(),
  },
  (table) => [
    uniqueIndex("price_change_scheduled").on(table.subscriptionId).where(sql`status = 'scheduled'`),
    index("price_change_subscription").on(table.subscriptionId, table.createdAt.desc()),
    check("price_change_prices", sql`from_price_id <> to_price_id and quantity > 0`),
    check("price_change_status", sql`status in ('scheduled', 'applied', 'dropped')`),
    check("price_change_closed", sql`(status = 'scheduled') = (closed_at is null)`),
  ],
);

/**
 * The trial that an account has had: one for each account and Stripe customer. Written when it starts.
 * Its lot has the source `trial:<subscription>`.
 */
export const trial = pgTable(
  "trial",
  {
    userId: text().primaryKey(),
    customerId: text().notNull(),
    subscriptionId: text().notNull(),
    /** What the trial is of, under the terms of this price. */
    item: text().notNull(),
    priceId: text().notNull(),
    /** The lot. Zero if the trial had ended before its start was handled. */
    credits: whole().notNull(),
    startedAt: instant().notNull(),
    /** The end of the trial, or of the subscription if that comes first. The lot expires then. */
    endsAt: instant().notNull(),
    /** What Stripe will charge at the end, in minor units of `currency`; null if it will not charge. */
    firstChargeCents: whole(),
    currency: text().notNull(),
  },
  (table) => [
    uniqueIndex("trial_customer").on(table.customerId),
    uniqueIndex("trial_subscription").on(table.subscriptionId),
    check("trial_credits", sql`credits >= 0 and first_charge_cents >= 0`),
  ],
);

/** A refund, a credit or a dispute of a payment. */
export interface PaymentReversal {
  /** `refund:re_…`, `credit-note:cn_…` or `dispute:du_…`; idempotency keys contain it. */
  readonly key: string;
  /** `credit`: what a credit note returned to the customer balance or outside Stripe. */
  readonly kind: "refund" | "credit" | "dispute";
  /** Minor units of `currency`. */
  readonly amount: number;
  /** The payment's for a refund or a credit. A dispute may have the cardholder's. */
  readonly currency: string;
  /**
   * Only moves forward in this order. `harmless`: an inquiry, which moves no money. `open`: a dispute
   * holds the money back. `standing`: the money is gone (refunded, or a lost dispute). `undone`: it
   * came back (a failed refund, a won dispute).
   */
  readonly state: "harmless" | "open" | "standing" | "undone";
  /** When Stripe created the refund or the credit note (ISO). Absent for a dispute and in older rows. */
  readonly createdAt?: string;
}

/**
 * Why a payment granted nothing and is refunded. `second`: a second subscription or lifetime. `late`:
 * for an ended subscription, while its owner has another plan. `deleted`: for a deleted account.
 * `replaced`: granted and reversed in full, but the refund failed after its owner had bought a replacement.
 */
export type PaymentRefusal = "second" | "late" | "deleted" | "replaced";

/**
 * One row for each paid session or invoice, written in the transaction that grants its credits. From
 * `memberFromAt` until `memberUntilAt` the payment makes its owner a paid member; a refund or the
 * account's deletion ends that time early.
 */
export const payment = pgTable(
  "payment",
  {
    userId: text().notNull(),
    /** The source of its credits: `checkout:cs_…` or `invoice:in_…`. */
    id: text().notNull(),
    /** The paid Checkout session (`cs_…`) of a one-time purchase. */
    sessionId: text(),
    /**
     * The paid invoice (`in_…`) of a subscription, or the one that Stripe issued after a one-time purchase.
     * Null for a one-time purchase without an invoice, or whose invoice is not known yet.
     */
    invoiceId: text(),
    item: text().notNull(),
    priceId: text().notNull(),
    quantity: integer().notNull().default(1),
    amountCents: whole().notNull(),
    currency: text().notNull(),
    /** Credits granted with this payment, without later allotments of its schedule. */
    credits: whole().notNull(),
    /** Of those, the difference to a higher tier for the rest of the month that was running. */
    upgradeCredits: whole().notNull().default(0),
    /** The end of the month that these credits are for. Null without credits or with a schedule of them. */
    monthEndsAt: instant(),
    /**
     * The price that was left by a switch of plans within a running period. Such a payment buys the rest
     * of the period; null if it buys a whole one.
     */
    switchedFromPriceId: text(),
    /** When a later switch of plans ended what this payment promised. */
    switchedAt: instant(),
    refundedCents: whole().notNull().default(0),
    /** Held or taken by disputes. Refunded and disputed together never exceed the amount. */
    disputedCents: whole().notNull().default(0),
    /** Refunds and disputes already applied to the credits, including those that revoked nothing. */
    appliedReversals: text().array().notNull().default(sql`'{}'::text[]`),
    /** Every refund and dispute seen so far, each in the furthest state seen. */
    reversals: json().$type<readonly PaymentReversal[]>().notNull().default([]),
    /** At least 95% of what was paid is refunded or lost: membership and months have ended. */
    isReversed: boolean().notNull().default(false),
    /** Null unless we refused the payment. */
    refusal: text().$type<PaymentRefusal>(),
    /** What we owe the payer of a refused payment that cannot be refunded (money-owed.ts). Minor units. */
    owedCents: whole().notNull().default(0),
    /** What an admin recorded as paid back outside Stripe. */
    settledCents: whole().notNull().default(0),
    paymentIntentId: text(),
    subscriptionId: text(),
    receiptUrl: text(),
    memberFromAt: instant(),
    memberUntilAt: instant(),
    paidAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.id] }),
    uniqueIndex("payment_id_unique").on(table.id),
    index("payment_recent").on(table.userId, table.paidAt.desc()),
    index("payment_paid_at").on(table.paidAt.desc(), table.id),
    // One kind, newest first. Includes the columns of the revenue report, for index-only scans.
    index("payment_kind").on(
      table.item,
      table.currency,
      table.paidAt.desc(),
      table.id,
      table.amountCents,
      table.refundedCents,
      table.disputedCents,
    ),
    // For the admin's filter by refunds and disputes.
    index("payment_refunded").on(table.paidAt.desc(), table.id).where(sql`refunded_cents > 0`),
    index("payment_disputed").on(table.paidAt.desc(), table.id).where(sql`disputed_cents > 0`),
    index("payment_owed").on(table.paidAt.desc(), table.id).where(sql`owed_cents > 0`),
    index("payment_intent").on(table.paymentIntentId),
    index("payment_invoice").on(table.invoiceId),
    index("payment_subscription").on(table.subscriptionId),
    index("payment_member")
      .on(table.userId, table.memberUntilAt)
      .where(sql`member_until_at is not null`),
    // Paid members at an instant, for the admin's filter and the member count.
    index("payment_members")
      .on(table.memberUntilAt, table.memberFromAt, table.userId)
      .where(sql`member_until_at is not null`),
    check(
      "payment_owed",
      sql`owed_cents >= 0 and settled_cents >= 0 and (owed_cents + settled_cents = 0 or refusal is not null)`,
    ),
    check(
      "payment_amount",
      sql`amount_cents >= 0 and credits >= upgrade_credits and upgrade_credits >= 0 and quantity > 0`,
    ),
    check(
      "payment_refund",
      sql`refunded_cents >= 0 and disputed_cents >= 0 and refunded_cents + disputed_cents <= amount_cents`,
    ),
  ],
);

/** `dead`: dead-lettered, an admin has to act. `closed`: an admin closed it without handling. */
export const stripeEventStatus = pgEnum("stripe_event_status", [
  "pending",
  "handled",
  "ignored",
  "dead",
  "closed",
]);

/** The inbox: every Stripe event as received, handled exactly once. */
export const stripeEvent = pgTable(
  "stripe_event",
  {
    id: text().primaryKey(),
    type: text().notNull(),
    apiVersion: text(),
    /** Handled regardless of its API version: backfilled or replayed, not delivered. */
    anyVersion: boolean().notNull().default(false),
    livemode: boolean().notNull(),
    /** What the console shows and the handlers read. Unstorable characters are U+FFFD. */
    payload: json().notNull(),
    /** The body as delivered, or as listed by Stripe. Null once the event is trimmed. */
    rawBody: bytes(),
    /** When the body was deleted and the payload cut to its envelope and ids. */
    trimmedAt: instant(),
    /** Id of the event's object, for the admin's search. */
    objectId: text(),
    userId: text(),
    status: stripeEventStatus().notNull().default("pending"),
    /** The result of handling, or why it was ignored. Shown to the admin. */
    outcome: text(),
    attempts: integer().notNull().default(0),
    lastError: text(),
    /** When Stripe created it. */
    createdAt: instant().notNull(),
    receivedAt: instant().notNull(),
    firstAttemptAt: instant(),
    nextAttemptAt: instant(),
    handledAt: instant(),
  },
  (table) => [
    index("stripe_event_recent").on(table.receivedAt.desc(), table.id),
    index("stripe_event_due").on(table.nextAttemptAt).where(sql`status = 'pending'`),
    // The longest wait, for the health check.
    index("stripe_event_waiting")
      .on(sql`coalesce(first_attempt_at, next_attempt_at)`)
      .where(sql`status = 'pending'`),
    index("stripe_event_dead").on(table.receivedAt.desc(), table.id).where(sql`status = 'dead'`),
    // The rare final statuses: ignored and closed.
    index("stripe_event_set_aside")
      .on(table.receivedAt.desc(), table.id)
      .where(sql`status not in ('pending', 'handled', 'dead')`),
    index("stripe_event_type").on(table.type, table.receivedAt.desc(), table.id),
    // For trimming closed events.
    index("stripe_event_whole")
      .on(table.receivedAt)
      .where(sql`trimmed_at is null and status in ('handled', 'ignored', 'closed')`),
    index("stripe_event_object").on(table.objectId),
    // Events of a customer that were not handled for a user, for the deletion of an account.
    index("stripe_event_customer")
      .on(sql`(payload #>> '{data,object,customer}')`)
      .where(sql`user_id is null and trimmed_at is null`),
    index("stripe_event_user").on(table.userId, table.receivedAt.desc()),
  ],
);

/** Progress of the backfill: the inbox holds every event until `completeUntilAt`. At most one row. */
export const stripeBackfill = pgTable(
  "stripe_backfill",
  {
    id: integer().primaryKey().default(1),
    completeUntilAt: instant().notNull(),
  },
  () => [check("stripe_backfill_one_row", sql`id = 1`)],
);
