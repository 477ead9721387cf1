import { and, eq } from "drizzle-orm";
import type Stripe from "stripe";
import type { Executor } from "@/db/client";
import { checkoutSession, payment } from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { NotFound } from "@/lib/errors";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { applyEffect } from "../effect";
import { isPaid, type LoadedSession, loadSession, paymentInstant } from "../purchases/load-session";
import { preparePaidInvoice } from "../purchases/prepare-invoice";
import { preparePaidSession } from "../purchases/prepare-session";
import { idOf, instantOf } from "../stripe/stripe-ids";

export interface CheckoutStatus {
  /** `waiting`: not paid yet, or paid and about to be granted. */
  readonly status: "granted" | "waiting" | "failed";
  /** What this purchase granted at once. */
  readonly credits: number;
  /** The balance now. */
  readonly available: number;
}

/** The event has this long before the success page does its work: usually it is there first. */
const EVENT_HEAD_START_MS = 3_000;

/**
 * What became of a payment page, told to its owner alone. The redirect proves nothing: Stripe is
 * asked. If it was paid a few seconds ago and its event has not come, the same fulfilment runs here,
 * once, by the same keys.
 * @throws NotFound for a session that is not this user's
 */
export async function checkoutStatus(
  billing: BillingDeps,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<CheckoutStatus> {
  const own = await findSession(billing.db, { userId, sessionId });
  const result = await outcomeOf(billing, { userId, sessionId, known: own.status });
  const { available } = await getBalance(billing.db, { userId, at: billing.clock() });
  return { ...result, available };
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

type Result = Omit<CheckoutStatus, "available">;

const WAITING: Result = { status: "waiting", credits: 0 };
const FAILED: Result = { status: "failed", credits: 0 };

async function outcomeOf(
  billing: BillingDeps,
  of: { userId: string; sessionId: string; known: string },
): Promise<Result> {
  const bought = await findPayment(billing.db, of.userId, `checkout:${of.sessionId}`);
  if (bought !== null) return bought;
  if (of.known === "failed" || of.known === "expired") return FAILED;
  try {
    const loaded = await loadSession(billing, of.sessionId);
    if (loaded.session.status === "expired") return FAILED;
    return loaded.session.mode === "subscription"
      ? await subscriptionOutcome(billing, of.userId, loaded.session)
      : await purchaseOutcome(billing, of.userId, loaded);
  } catch (error) {
    // The event will bring it; meanwhile there is nothing wrong to tell.
    logger.warn({ sessionId: of.sessionId, err: error }, "a checkout could not be looked up");
    return WAITING;
  }
}

async function purchaseOutcome(
  billing: BillingDeps,
  userId: string,
  loaded: LoadedSession,
): Promise<Result> {
  const paidAt = paymentInstant(loaded.session);
  if (!isPaid(loaded.session) || !isOverdue(paidAt, billing.clock())) return WAITING;
  await applyEffect(billing, await preparePaidSession(billing, loaded));
  return (await findPayment(billing.db, userId, `checkout:${loaded.session.id}`)) ?? WAITING;
}

async function subscriptionOutcome(
  billing: BillingDeps,
  userId: string,
  session: Stripe.Checkout.Session,
): Promise<Result> {
  const invoiceId = idOf(session.invoice);
  if (invoiceId === null) return WAITING;
  const paymentId = `invoice:${invoiceId}`;
  const granted = await findPayment(billing.db, userId, paymentId);
  if (granted !== null) return granted;
  const invoice = await billing.stripe.invoices.retrieve(invoiceId);
  const paidAt = invoice.status_transitions.paid_at;
  if (paidAt === null || !isOverdue(instantOf(paidAt), billing.clock())) return WAITING;
  await applyEffect(billing, await preparePaidInvoice(billing, invoiceId));
  return (await findPayment(billing.db, userId, paymentId)) ?? WAITING;
}

function isOverdue(paidAt: Date, now: Date): boolean {
  return now.getTime() - paidAt.getTime() >= EVENT_HEAD_START_MS;
}

/** A payment that granted nothing is a second subscription's: it is refunded, and so has failed. */
async function findPayment(reader: Executor, userId: string, id: string): Promise<Result | null> {
  const [found] = await reader
    .select({ credits: payment.credits })
    .from(payment)
    .where(and(eq(payment.userId, userId), eq(payment.id, id)));
  if (found === undefined) return null;
  return found.credits > 0 ? { status: "granted", credits: found.credits } : FAILED;
}
