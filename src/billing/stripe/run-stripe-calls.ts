import { millisecondsInMinute } from "date-fns/constants";
import { and, eq, isNull } from "drizzle-orm";
import Stripe from "stripe";
import { enqueueAlert } from "@/alerts/alert";
import type { Transaction } from "@/db/client";
import { user } from "@/db/schema";
import { logger } from "@/lib/logger";
import { dayName } from "@/lib/utc-period";
import { type DrainResult, drainEntries, hasKey, type OutboxEntry } from "@/outbox/drain-entries";
import type { BillingDeps } from "../deps";
import { isExhausted, nextAttempt } from "../inbox/store-event";
import { applyPriceChange } from "../price-changes/apply-price-change";
import {
  cancelAll,
  cancelForReversal,
  cancelNow,
  endForLifetime,
  resumeRenewal,
  stopRenewalForDispute,
  undoSwitch,
  voidInvoice,
} from "../subscriptions/subscription-calls";
import { isMissing, isOutage, PaymentProcessing } from "./call-stripe";
import { isHeldByDispute } from "./disputes";
import { returnInvoice } from "./return-invoice";
import { type StripeCall, stripeCall } from "./stripe-calls";

/** Longer than the client's time limit including its retries. */
const LEASE_MS = 3 * millisecondsInMinute;
/** How long the calls of one request may run after its response. Jobs run the remaining calls. */
export const STRIPE_CALLS_AFTER_REQUEST_MS = millisecondsInMinute;

export interface RunOptions {
  /** Run only the calls with these keys. */
  readonly keys?: readonly string[] | undefined;
  /** In `performance.now()` milliseconds; no call is started after it. */
  readonly deadlineMs?: number;
}

/**
 * Runs the due Stripe calls until none is due, at the deadline or at a Stripe outage. Safe to run
 * concurrently. A failed call is retried with backoff and dead-lettered, with an alert, after 8
 * attempts over at least 24 hours. A call that waits for a bank debit is retried until the debit settles.
 */
export async function runStripeCalls(
  billing: BillingDeps,
  options: RunOptions = {},
): Promise<DrainResult> {
  const { keys, deadlineMs = performance.now() + STRIPE_CALLS_AFTER_REQUEST_MS } = options;
  if (keys?.length === 0) return { done: 0, failed: 0 };
  const work = {
    kind: "stripe" as const,
    filter: hasKey(keys),
    leaseMs: LEASE_MS,
    deliver: (entry: OutboxEntry) => runStripeCall(billing, entry),
    nextAttemptAt: ({ attempts, createdAt }: OutboxEntry, now: Date, error: unknown) =>
      !(error instanceof PaymentProcessing) &&
      isExhausted({ attempts, firstAttemptAt: createdAt, now })
        ? null
        : nextAttempt(attempts, now),
    isOutage,
    onDead: (tx: Transaction, entry: OutboxEntry) => alertOfDeadCall(tx, billing, entry),
  };
  return drainEntries(billing.db, work, { now: billing.clock(), deadlineMs });
}

/**
 * Runs one call. Each call first reads the current state at Stripe and counts as done if nothing is
 * left to do, so it is safe to repeat under another key. Each attempt has its own key, because
 * Stripe keeps an error under a key; an attempt that a crash left uncounted reuses its key.
 */
async function runStripeCall(billing: BillingDeps, entry: OutboxEntry): Promise<void> {
  const call = stripeCall.parse(entry.payload);
  const idempotencyKey = `${entry.idempotencyKey}:${entry.attempts}`;
  switch (call.do) {
    case "expire-session":
      return expireSession(billing, { id: call.sessionId, idempotencyKey });
    case "end-for-lifetime":
    case "cancel-at-period-end":
      return endForLifetime(billing, { id: call.subscriptionId, idempotencyKey });
    case "cancel-now":
      return cancelNow(billing, { id: call.subscriptionId, idempotencyKey });
    case "cancel-all":
      return cancelAll(billing, { customerId: call.customerId, idempotencyKey });
    case "delete-customer":
      return deleteCustomer(billing, { id: call.customerId, idempotencyKey });
    case "erase-customer":
      return eraseCustomer(billing, { id: call.customerId, idempotencyKey });
    case "update-customer-email":
      return updateCustomerEmail(billing, { id: call.customerId, idempotencyKey });
    case "cancel-for-reversal": {
      const { subscriptionId: id, paymentId } = call;
      return cancelForReversal(billing, { id, paymentId, idempotencyKey });
    }
    case "undo-switch": {
      const { subscriptionId: id, paymentId } = call;
      return undoSwitch(billing, { id, paymentId, idempotencyKey });
    }
    case "stop-renewal-for-dispute":
      return stopRenewalForDispute(billing, { id: call.subscriptionId, idempotencyKey });
    case "resume-renewal":
      return resumeRenewal(billing, { id: call.subscriptionId, idempotencyKey });
    case "change-price":
      return applyPriceChange(billing, { id: call.priceChangeId, idempotencyKey });
    case "void-invoice":
      return voidInvoice(billing, { id: call.invoiceId, idempotencyKey });
    case "refund-invoice":
      return returnInvoice(billing, {
        invoiceId: call.invoiceId,
        reason: call.reason === "duplicate" ? "duplicate" : "order_change",
        idempotencyKey,
      });
    case "refund-payment":
      return refundPayment(billing, { ...call, idempotencyKey });
    case "refund-withdrawal":
      return refundWithdrawnPart(billing, { ...call, idempotencyKey });
  }
}

/** At most one alert per call and day: a call that dies again after a retry raises another. */
async function alertOfDeadCall(
  tx: Transaction,
  { clock, alertChannels }: BillingDeps,
  { id, idempotencyKey, userId }: OutboxEntry,
): Promise<void> {
  const now = clock();
  const subject = "A Stripe call was dead-lettered after repeated errors";
  const facts = { outboxId: id, key: idempotencyKey, userId };
  const key = `stripe-call:${id}:${dayName(now)}`;
  logger.error({ alert: key, ...facts }, subject);
  await enqueueAlert(tx, { key, subject, facts, now }, alertChannels);
}

interface KeyedId {
  readonly id: string;
  readonly idempotencyKey: string;
}

async function expireSession({ stripe }: BillingDeps, { id, idempotencyKey }: KeyedId) {
  const session = await stripe.checkout.sessions.retrieve(id);
  if (session.status === "open") await stripe.checkout.sessions.expire(id, {}, { idempotencyKey });
}

async function deleteCustomer({ stripe }: BillingDeps, { id, idempotencyKey }: KeyedId) {
  try {
    await stripe.customers.del(id, {}, { idempotencyKey });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Copies the user's current address. Does nothing for a deleted account or customer. */
async function updateCustomerEmail({ db, stripe }: BillingDeps, { id, idempotencyKey }: KeyedId) {
  const isOwner = and(eq(user.stripeCustomerId, id), isNull(user.deletedAt));
  const readOwner = () => db.select({ email: user.email }).from(user).where(isOwner);
  const [owner] = await readOwner();
  if (owner === undefined) return;
  try {
    await stripe.customers.update(id, { email: owner.email }, { idempotencyKey });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  // The account may have been deleted since, and its customer emptied before this call.
  if ((await readOwner()).length > 0) return;
  await eraseCustomer({ stripe }, { id, idempotencyKey: `${idempotencyKey}:erase` });
}

/**
 * Empties the fields of a deleted account's customer that name a person. The customer stays, because
 * deleting it would make later refunds to its balance and the list of its subscriptions fail.
 */
async function eraseCustomer(
  { stripe }: Pick<BillingDeps, "stripe">,
  { id, idempotencyKey }: KeyedId,
) {
  const empty = {
    name: "",
    business_name: "",
    individual_name: "",
    email: "",
    phone: "",
    address: "",
    shipping: "",
    description: "",
  } as const satisfies Stripe.CustomerUpdateParams;
  try {
    await stripe.customers.update(id, empty, { idempotencyKey });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/**
 * Refunds the remainder of a payment. Does nothing while a dispute holds it; if the dispute is won,
 * `applyReversals` requests the refund again.
 */
async function refundPayment(
  billing: BillingDeps,
  {
    paymentIntentId,
    reason,
    idempotencyKey,
  }: Extract<StripeCall, { do: "refund-payment" }> & { idempotencyKey: string },
) {
  const { stripe } = billing;
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(paymentIntentId, {
    expand: ["latest_charge"],
  });
  if (charge === null || typeof charge === "string" || charge.refunded) return;
  if (await isHeldByDispute(billing, { paymentIntentId, charge })) return;
  try {
    await stripe.refunds.create({ payment_intent: paymentIntentId, reason }, { idempotencyKey });
  } catch (error) {
    if (!isAlreadyRefunded(error)) throw error;
  }
}

/** The metadata of a refund that names its withdrawal, so that a repeated call refunds once. */
const WITHDRAWAL = "withdrawal";

/**
 * Refunds a part of a payment, at most what remains of it. Does nothing if the withdrawal's refund exists,
 * or while a dispute holds the payment, which returns the money itself.
 */
async function refundWithdrawnPart(
  billing: BillingDeps,
  {
    paymentIntentId,
    amountCents,
    withdrawalId,
    idempotencyKey,
  }: Extract<StripeCall, { do: "refund-withdrawal" }> & { idempotencyKey: string },
) {
  const { stripe } = billing;
  const intent = { payment_intent: paymentIntentId };
  const refunds = await stripe.refunds
    .list({ ...intent, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  if (refunds.some(({ metadata }) => metadata?.[WITHDRAWAL] === withdrawalId)) return;
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(paymentIntentId, {
    expand: ["latest_charge"],
  });
  if (charge === null || typeof charge === "string") return;
  const amount = Math.min(amountCents, charge.amount_captured - charge.amount_refunded);
  if (amount <= 0 || (await isHeldByDispute(billing, { paymentIntentId, charge }))) return;
  const metadata = { [WITHDRAWAL]: withdrawalId };
  await stripe.refunds.create(
    { ...intent, amount, reason: "requested_by_customer", metadata },
    { idempotencyKey },
  );
}

function isAlreadyRefunded(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.code === "charge_already_refunded";
}
