import { eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { user } from "@/db/schema";
import { enqueueEmail } from "@/emails/outbox";
import { addNotices } from "@/notifications/add-notices";
import type { ItemId } from "./catalog";
import { localeOf } from "./stripe-locale";

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
    userId: string;
    source: string;
    item: ItemId;
    credits: number;
    expiresAt: Date | null;
    creditsFrom?: Date;
    now: Date;
  },
): Promise<void> {
  const reader = await findReader(tx, purchase.userId);
  if (reader === null) return;
  const { item, credits, amountCents, currency } = purchase;
  const expiresAt = purchase.expiresAt?.toISOString() ?? null;
  const key = `purchase:${purchase.source}`;
  const later =
    purchase.creditsFrom === undefined ? {} : { creditsFrom: purchase.creditsFrom.toISOString() };
  const facts = { item, credits, amountCents, currency, expiresAt, ...later };
  await enqueueEmail(tx, {
    ...reader.address,
    key,
    template: "purchase-received",
    props: { name: reader.name, timeZone: reader.timeZone, ...facts },
    now: purchase.now,
  });
  const { userId, now } = purchase;
  await addNotices(tx, [{ kind: "purchase-received", userId, key, facts }], now);
}

/** Tells by mail and in the app that a charge failed and when it is tried again. Once an attempt. */
export async function sendPaymentFailed(
  tx: Transaction,
  failed: Money & {
    userId: string;
    invoiceId: string;
    attempt: number;
    item: ItemId;
    nextAttemptAt: Date | null;
    now: Date;
  },
): Promise<void> {
  const reader = await findReader(tx, failed.userId);
  if (reader === null) return;
  const { item, amountCents, currency } = failed;
  const nextAttemptAt = failed.nextAttemptAt?.toISOString() ?? null;
  const key = `payment-failed:invoice:${failed.invoiceId}:${failed.attempt}`;
  const facts = { item, amountCents, currency, nextAttemptAt };
  await enqueueEmail(tx, {
    ...reader.address,
    key,
    template: "payment-failed",
    props: { name: reader.name, timeZone: reader.timeZone, ...facts },
    now: failed.now,
  });
  const { userId, now } = failed;
  await addNotices(tx, [{ kind: "payment-failed", userId, key, facts }], now);
}

/**
 * Tells that a second subscription was cancelled and its money, if any was paid, is on the way back.
 * Once an invoice.
 */
export async function sendDuplicateRefunded(
  tx: Transaction,
  refunded: Money & { userId: string; invoiceId: string; item: ItemId; now: Date },
): Promise<void> {
  const reader = await findReader(tx, refunded.userId);
  if (reader === null) return;
  const { item, amountCents, currency } = refunded;
  await enqueueEmail(tx, {
    ...reader.address,
    key: `duplicate-subscription:invoice:${refunded.invoiceId}`,
    template: "duplicate-subscription-refunded",
    props: { name: reader.name, item, amountCents, currency },
    now: refunded.now,
  });
}

/** Whom to write to; null for a deleted account. */
async function findReader(tx: Transaction, userId: string) {
  const [found] = await tx
    .select({
      name: user.name,
      to: user.email,
      locale: user.locale,
      timeZone: user.timeZone,
      deletedAt: user.deletedAt,
    })
    .from(user)
    .where(eq(user.id, userId));
  if (found === undefined || found.deletedAt !== null) return null;
  const { name, timeZone } = found;
  return { name, timeZone, address: { userId, to: found.to, locale: localeOf(found.locale) } };
}
