import { and, eq } from "drizzle-orm";
import type Stripe from "stripe";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { checkoutSession, payment, trial } from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { firstExpiryOf, settledDebt } from "@/ledger/reads/lot-history";
import { NotFound } from "@/lib/errors";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { applyEffect } from "../effect";
import { preparePaidInvoice } from "../purchases/paid-invoice";
import {
  isPaid,
  type LoadedSession,
  loadSession,
  paidAtOf,
  preparePaidSession,
} from "../purchases/paid-session";
import type { Payment } from "../queries";
import { idOf, instantOf } from "../stripe/values";

/** The session that the user returns from Stripe with. */
export const checkoutStatusInput = z.object({
  session_id: z.string().regex(/^cs_[A-Za-z0-9_]{1,200}$/),
});

export interface CheckoutStatus {
  /** `waiting`: not paid yet, or paid but not granted yet. `trial`: a trial has started. */
  readonly status: "granted" | "trial" | "waiting" | "failed";
  /** What this purchase granted immediately. */
  readonly credits: number;
  /** How many of them settled debt. */
  readonly settled: number;
  /** The credits that can be spent now. */
  readonly available: number;
  /** What was paid; null until it is recorded, and for a trial. */
  readonly purchase: PaidPurchase | null;
  /** When its first credits expire; null if never, or if none are granted yet. */
  readonly expiresAt: Date | null;
}

/** What a payment bought, for what amount. */
export type PaidPurchase = Pick<
  Payment,
  "item" | "quantity" | "amountCents" | "currency" | "receiptUrl"
>;

/** After this time the success page fulfils the purchase itself. Usually the event is faster. */
const EVENT_HEAD_START_MS = 3_000;

/**
 * The result of a user's payment page. Reads the session from Stripe, because the redirect proves
 * nothing. If it was paid a few seconds ago and its event has not arrived, runs the same idempotent
 * fulfilment.
 * @throws NotFound for another user's session
 */
export async function checkoutStatus(
  billing: BillingDeps,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<CheckoutStatus> {
  const { status } = await findSession(billing.db, { userId, sessionId });
  const result = await resultOf(billing, { userId, sessionId, status });
  const { source, status: state, credits, purchase } = result;
  const [{ available }, settled, expiresAt] = await Promise.all([
    getBalance(billing.db, { userId, now: billing.clock() }),
    settledDebt(billing.db, { userId, source }),
    firstExpiryOf(billing.db, { userId, source }),
  ]);
  const facts = { settled, available: Math.max(0, available), purchase, expiresAt };
  return { status: state, credits, ...facts };
}

async function findSession(
  reader: Executor,
  { userId, sessionId }: { userId: string; sessionId: string },
) {
  const [own] = await reader
    .select({ status: checkoutSession.status })
    .from(checkoutSession)
    .where(and(eq(checkoutSession.id, sessionId), eq(checkoutSession.userId, userId)));
  if (own === undefined) throw new NotFound("checkout");
  return own;
}

/** `source`: the lots of the purchase; null if there are none. */
type Result = Pick<CheckoutStatus, "status" | "credits" | "purchase"> & {
  readonly source: string | null;
};

const WAITING: Result = { status: "waiting", credits: 0, source: null, purchase: null };
const FAILED: Result = { status: "failed", credits: 0, source: null, purchase: null };

async function resultOf(
  billing: BillingDeps,
  { userId, sessionId, status }: { userId: string; sessionId: string; status: string },
): Promise<Result> {
  const id = `checkout:${sessionId}`;
  const recorded = await findPayment(billing.db, { userId, id });
  if (recorded !== null) return recorded;
  if (status === "failed" || status === "expired") return FAILED;
  try {
    const loaded = await loadSession(billing, sessionId);
    if (loaded.session.status === "expired") return FAILED;
    return loaded.session.mode === "subscription"
      ? await subscriptionResult(billing, userId, loaded.session)
      : await purchaseResult(billing, userId, loaded);
  } catch (error) {
    // The event will still fulfil the purchase, so the user sees no error.
    logger.warn({ sessionId, err: error }, "checkout status could not be read from Stripe");
    return WAITING;
  }
}

async function purchaseResult(
  billing: BillingDeps,
  userId: string,
  loaded: LoadedSession,
): Promise<Result> {
  const { session } = loaded;
  if (!isPaid(session) || !isOverdue(billing, paidAtOf(session))) return WAITING;
  await applyEffect(billing, await preparePaidSession(billing, loaded));
  return (await findPayment(billing.db, { userId, id: `checkout:${session.id}` })) ?? WAITING;
}

async function subscriptionResult(
  billing: BillingDeps,
  userId: string,
  session: Stripe.Checkout.Session,
): Promise<Result> {
  const invoiceId = idOf(session.invoice);
  if (invoiceId === null) return WAITING;
  const id = `invoice:${invoiceId}`;
  const subscriptionId = idOf(session.subscription) ?? "";
  const recorded = await findSubscriptionResult(billing.db, { userId, id, subscriptionId });
  if (recorded !== null) return recorded;
  const invoice = await billing.stripe.invoices.retrieve(invoiceId);
  const paidAt = invoice.status_transitions.paid_at;
  if (paidAt === null || !isOverdue(billing, instantOf(paidAt))) return WAITING;
  await applyEffect(billing, await preparePaidInvoice(billing, invoiceId));
  return (await findSubscriptionResult(billing.db, { userId, id, subscriptionId })) ?? WAITING;
}

/** The payment of a subscription's first invoice, or the trial that the invoice started. */
async function findSubscriptionResult(
  reader: Executor,
  { userId, id, subscriptionId }: { userId: string; id: string; subscriptionId: string },
): Promise<Result | null> {
  const paid = await findPayment(reader, { userId, id });
  if (paid !== null) return paid;
  const [started] = await reader
    .select({ credits: trial.credits })
    .from(trial)
    .where(and(eq(trial.userId, userId), eq(trial.subscriptionId, subscriptionId)));
  if (started === undefined) return null;
  const source = `trial:${subscriptionId}`;
  return { status: "trial", credits: started.credits, source, purchase: null };
}

function isOverdue({ clock }: BillingDeps, paidAt: Date): boolean {
  return clock().getTime() - paidAt.getTime() >= EVENT_HEAD_START_MS;
}

/** A payment without credits is a refunded second subscription, so it counts as failed. */
async function findPayment(
  reader: Executor,
  { userId, id }: { userId: string; id: string },
): Promise<Result | null> {
  const [found] = await reader
    .select({
      credits: payment.credits,
      item: payment.item,
      quantity: payment.quantity,
      amountCents: payment.amountCents,
      currency: payment.currency,
      receiptUrl: payment.receiptUrl,
    })
    .from(payment)
    .where(and(eq(payment.userId, userId), eq(payment.id, id)));
  if (found === undefined) return null;
  const { credits, ...purchase } = found;
  return credits > 0 ? { status: "granted", credits, source: id, purchase } : FAILED;
}
