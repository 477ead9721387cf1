import type { Transaction } from "@/db/client";
import { enqueueEmail } from "@/emails/enqueue-email";
import { addNoticeAndEmail } from "@/notifications/notices";
import type { ItemId } from "../catalog";
import { localeOf } from "../stripe/locale";

/** Whom to write to, read while the row is locked. */
export interface Recipient {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly timeZone: string;
}

interface Money {
  readonly amountCents: number;
  readonly currency: string;
}

/**
 * Confirms a purchase and its credits, by mail and in the app. Once a purchase. `creditsFrom`: when
 * they come, if nothing was granted at once.
 */
export async function sendPurchaseReceived(
  tx: Transaction,
  purchase: Money & {
    to: Recipient;
    source: string;
    item: ItemId;
    credits: number;
    expiresAt: Date | null;
    creditsFrom?: Date;
    now: Date;
  },
): Promise<void> {
  const { to, item, credits, amountCents, currency } = purchase;
  const expiresAt = purchase.expiresAt?.toISOString() ?? null;
  const key = `purchase:${purchase.source}`;
  const later =
    purchase.creditsFrom === undefined ? {} : { creditsFrom: purchase.creditsFrom.toISOString() };
  const facts = { item, credits, amountCents, currency, expiresAt, ...later };
  const email = {
    ...addressOf(to),
    key,
    template: "purchase-received" as const,
    props: { name: to.name, timeZone: to.timeZone, ...facts },
  };
  const notice = { kind: "purchase-received" as const, userId: to.userId, key, facts };
  await addNoticeAndEmail(tx, { notice, email }, purchase.now);
}

/** Tells by mail and in the app that a charge failed and when it is tried again. Once an attempt. */
export async function sendPaymentFailed(
  tx: Transaction,
  failed: Money & {
    to: Recipient;
    invoiceId: string;
    attempt: number;
    item: ItemId;
    nextAttemptAt: Date | null;
    now: Date;
  },
): Promise<void> {
  const { to, item, amountCents, currency } = failed;
  const nextAttemptAt = failed.nextAttemptAt?.toISOString() ?? null;
  const key = `payment-failed:invoice:${failed.invoiceId}:${failed.attempt}`;
  const facts = { item, amountCents, currency, nextAttemptAt };
  const email = {
    ...addressOf(to),
    key,
    template: "payment-failed" as const,
    props: { name: to.name, timeZone: to.timeZone, ...facts },
  };
  const notice = { kind: "payment-failed" as const, userId: to.userId, key, facts };
  await addNoticeAndEmail(tx, { notice, email }, failed.now);
}

/**
 * Tells that a second subscription was cancelled and its money, if any was paid, is on the way back.
 * Once an invoice.
 */
export async function sendDuplicateRefunded(
  tx: Transaction,
  refunded: Money & { to: Recipient; invoiceId: string; item: ItemId; now: Date },
): Promise<void> {
  const { to, item, amountCents, currency } = refunded;
  await enqueueEmail(tx, {
    ...addressOf(to),
    key: `duplicate-subscription:invoice:${refunded.invoiceId}`,
    template: "duplicate-subscription-refunded",
    props: { name: to.name, item, amountCents, currency },
    now: refunded.now,
  });
}

function addressOf({ userId, email, locale }: Recipient) {
  return { userId, to: email, locale: localeOf(locale) };
}
