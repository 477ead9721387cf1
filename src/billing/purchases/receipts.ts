import { findItem } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import type { BillingEvent } from "@/emails/billing-events";
import { enqueueEmail } from "@/emails/enqueue-email";
import { localeOf } from "@/lib/locales";
import { addNoticeAndEmail } from "@/notifications/notices";
import { type EventToRecord, recordEvents } from "@/webhooks/events";
import { type ConsentedPurchase, readConsentForEmail } from "../consumer-rights/supply-consent";
import { recordMembershipChange } from "../subscriptions/membership-events";

/** Read while the user's row is locked. */
export interface Recipient {
  readonly userId: string;
  readonly email: string;
  readonly locale: string;
  readonly timeZone: string;
}

interface Money {
  readonly amountCents: number;
  readonly currency: string;
}

/**
 * Confirms a purchase by email, notice and events, once per `source`. `creditsFrom`: when the credits
 * arrive, if nothing was granted at once. `periodUntil`: the period's end, if it runs from the payment
 * because its subscription had ended. `contract`: set if this payment concludes one; the email then
 * repeats the consent that the buyer gave.
 */
export async function sendPurchaseReceived(
  tx: Transaction,
  purchase: Money & {
    recipient: Recipient;
    source: string;
    item: string;
    credits: number;
    expiresAt: Date | null;
    creditsFrom?: Date;
    periodUntil?: Date;
    contract?: ConsentedPurchase;
    now: Date;
  },
): Promise<void> {
  const { recipient, item, credits, amountCents, currency, contract } = purchase;
  const { userId } = recipient;
  const consent = contract && (await readConsentForEmail(tx, { userId, ...contract }));
  const expiresAt = purchase.expiresAt?.toISOString() ?? null;
  const key = `purchase:${purchase.source}`;
  const facts = {
    item,
    credits,
    amountCents,
    currency,
    expiresAt,
    ...(purchase.creditsFrom && { creditsFrom: purchase.creditsFrom.toISOString() }),
  };
  const email = {
    ...addressOf(recipient),
    key,
    template: "purchase-received" as const,
    props: {
      timeZone: recipient.timeZone,
      ...facts,
      ...(purchase.periodUntil && { periodUntil: purchase.periodUntil.toISOString() }),
      ...(consent && { consent }),
    },
  };
  const notice = { kind: "purchase-received" as const, userId: recipient.userId, key, facts };
  await Promise.all([
    addNoticeAndEmail(tx, { notice, email }, purchase.now),
    recordPurchase(tx, { ...purchase, userId }),
  ]);
}

async function recordPurchase(
  tx: Transaction,
  {
    userId,
    source,
    item,
    amountCents,
    currency,
    credits,
    now,
  }: Money & { userId: string; source: string; item: string; credits: number; now: Date },
): Promise<void> {
  const data = {
    user: userId,
    payment: source,
    item,
    amount_cents: amountCents,
    currency,
    credits,
  };
  const paid: EventToRecord = {
    userId,
    serviceId: null,
    at: now,
    type: "payment.succeeded",
    key: `payment-succeeded:${source}`,
    data,
  };
  await recordEvents(tx, [paid], now);
  if (findItem(item)?.kind === "pack") return;
  await recordMembershipChange(tx, { userId, item, reasons: ["paid"], key: source, now });
}

type BillingChange = Money & {
  readonly key: string;
  readonly event: BillingEvent;
  readonly item: string;
  readonly endsPlan: boolean;
  readonly paymentId?: string;
  readonly now: Date;
};

/**
 * Reports a refund, a dispute, the end of a plan or a failed bank debit by email, notice and event, once
 * per `key`, which names the fact. `paymentId`: what was refunded or disputed.
 */
export async function sendBillingChange(
  tx: Transaction,
  { recipient, ...change }: BillingChange & { recipient: Recipient },
): Promise<void> {
  const { event, item, amountCents, currency, endsPlan } = change;
  const key = `billing-change:${change.key}`;
  const facts = { event, item, amountCents, currency, endsPlan };
  const email = {
    ...addressOf(recipient),
    key,
    template: "billing-change" as const,
    props: facts,
  };
  const notice = { kind: "billing-change" as const, userId: recipient.userId, key, facts };
  await Promise.all([
    addNoticeAndEmail(tx, { notice, email }, change.now),
    recordBillingChange(tx, { ...change, userId: recipient.userId }),
  ]);
}

async function recordBillingChange(
  tx: Transaction,
  {
    userId,
    key,
    event,
    item,
    amountCents,
    currency,
    endsPlan,
    paymentId,
    now,
  }: BillingChange & { userId: string },
): Promise<void> {
  if (paymentId !== undefined && event !== "plan-ended" && event !== "debit-failed") {
    const paid = { user: userId, payment: paymentId, item, amount_cents: amountCents, currency };
    const data = { ...paid, reason: event };
    const reversed = { userId, serviceId: null, at: now, key: `payment-reversed:${key}`, data };
    await recordEvents(tx, [{ ...reversed, type: "payment.reversed" }], now);
  }
  if (endsPlan || event === "plan-ended") {
    await recordMembershipChange(tx, { userId, item, reasons: ["ended"], key, now });
  }
}

/** Reports a failed charge and its next attempt by email and notice, once per attempt. */
export async function sendPaymentFailed(
  tx: Transaction,
  failed: Money & {
    recipient: Recipient;
    invoiceId: string;
    attempt: number;
    item: string;
    nextAttemptAt: Date | null;
    now: Date;
  },
): Promise<void> {
  const { recipient, item, amountCents, currency } = failed;
  const nextAttemptAt = failed.nextAttemptAt?.toISOString() ?? null;
  const key = `payment-failed:invoice:${failed.invoiceId}:${failed.attempt}`;
  const facts = { item, amountCents, currency, nextAttemptAt };
  const email = {
    ...addressOf(recipient),
    key,
    template: "payment-failed" as const,
    props: { timeZone: recipient.timeZone, ...facts },
  };
  const notice = { kind: "payment-failed" as const, userId: recipient.userId, key, facts };
  await addNoticeAndEmail(tx, { notice, email }, failed.now);
}

/** Emails a request to authenticate a payment, once per attempt. */
export async function sendPaymentConfirmation(
  tx: Transaction,
  asked: Money & {
    recipient: Recipient;
    invoiceId: string;
    attempt: number;
    item: string;
    /** Stripe's page of the invoice, where it can be paid. */
    invoiceUrl: string | null;
    now: Date;
  },
): Promise<void> {
  const { recipient, item, amountCents, currency, invoiceUrl } = asked;
  await enqueueEmail(tx, {
    ...addressOf(recipient),
    key: `payment-confirmation:invoice:${asked.invoiceId}:${asked.attempt}`,
    template: "payment-confirmation",
    props: { item, amountCents, currency, invoiceUrl },
    now: asked.now,
  });
}

/**
 * Emails that a trial has started, ends soon, or was refused as a second one: once per event, and once
 * per date for the end. `amountCents`: the first charge, null if there is none.
 */
export async function sendTrialNotice(
  tx: Transaction,
  notice: {
    recipient: Recipient;
    subscriptionId: string;
    item: string;
    event: "started" | "ending" | "refused";
    endsAt: Date;
    amountCents: number | null;
    currency: string;
    /** Set for the start, which concludes the contract. */
    contract?: ConsentedPurchase;
    now: Date;
  },
): Promise<void> {
  const { recipient, event, endsAt, item, amountCents, currency, contract } = notice;
  const { userId } = recipient;
  const consent = contract && (await readConsentForEmail(tx, { userId, ...contract }));
  const fact = `trial:${notice.subscriptionId}:${event}`;
  if (event === "started") {
    const { subscriptionId: key, now } = notice;
    await recordMembershipChange(tx, { userId, item, reasons: ["trial_started"], key, now });
  }
  await enqueueEmail(tx, {
    ...addressOf(recipient),
    key: event === "ending" ? `${fact}:${endsAt.toISOString()}` : fact,
    template: "trial",
    props: {
      timeZone: recipient.timeZone,
      item,
      event,
      endsAt: endsAt.toISOString(),
      amountCents,
      currency,
      ...(consent && { consent }),
    },
    now: notice.now,
  });
}

/** Reports by email that a second subscription or lifetime was refunded, once per payment. */
export async function sendDuplicateRefunded(
  tx: Transaction,
  refunded: Money & {
    recipient: Recipient;
    source: string;
    item: string;
    /** The part of the amount that goes back to the customer balance. */
    balanceCents: number;
    now: Date;
  },
): Promise<void> {
  const { recipient, item, amountCents, balanceCents, currency } = refunded;
  await enqueueEmail(tx, {
    ...addressOf(recipient),
    key: `duplicate-purchase:${refunded.source}`,
    template: "duplicate-subscription-refunded",
    props: { item, amountCents, balanceCents, currency },
    now: refunded.now,
  });
}

/** Reports by email that a payment for an ended subscription was refunded, once per invoice. */
export async function sendLatePaymentRefunded(
  tx: Transaction,
  refunded: Money & {
    recipient: Recipient;
    invoiceId: string;
    item: string;
    /** The part of the amount that goes back to the customer balance. */
    balanceCents: number;
    /** Whether it paid for a switch of plans. */
    isSwitch: boolean;
    now: Date;
  },
): Promise<void> {
  const { recipient, item, amountCents, balanceCents, currency, isSwitch } = refunded;
  await enqueueEmail(tx, {
    ...addressOf(recipient),
    key: `late-payment:invoice:${refunded.invoiceId}`,
    template: "late-payment-refunded",
    props: { item, amountCents, balanceCents, currency, isSwitch },
    now: refunded.now,
  });
}

/** Reports by email that the refund of a refused payment failed, once per refund. */
export async function sendRefundFailed(
  tx: Transaction,
  failed: Money & { recipient: Recipient; refundKey: string; item: string; now: Date },
): Promise<void> {
  const { recipient, item, amountCents, currency } = failed;
  await enqueueEmail(tx, {
    ...addressOf(recipient),
    key: `refund-failed:${failed.refundKey}`,
    template: "refund-failed",
    props: { item, amountCents, currency },
    now: failed.now,
  });
}

function addressOf({ userId, email, locale }: Recipient) {
  return { userId, to: email, locale: localeOf(locale) };
}
