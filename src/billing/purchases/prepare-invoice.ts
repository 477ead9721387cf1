import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect, type Effect, ignored, nothing } from "../effect";
import { withReversals } from "../reversals/with-reversals";
import { idOf } from "../stripe/stripe-ids";
import { type FetchedSubscription, fetchSubscription } from "../subscriptions/sync-subscription";
import {
  type LoadedInvoice,
  loadInvoice,
  paymentIntentOf,
  planLineOf,
  subscriptionIdOf,
} from "./load-invoice";
import { fulfilInvoice, type PaidInvoice } from "./paid-invoice";
import { listSiblings } from "./second-subscription";

/** How long after its payment an invoice may still be found unrecorded: Stripe keeps events as long. */
const CATCH_UP_SECONDS = 30 * 24 * 60 * 60;

/**
 * Loads a paid invoice and answers its effect, with what was taken back of it since. Webhook and
 * success page share it.
 */
export async function preparePaidInvoice(billing: BillingDeps, invoiceId: string): Promise<Effect> {
  const loaded = await loadInvoice(billing, invoiceId);
  const subscriptionId = subscriptionIdOf(loaded.invoice);
  if (subscriptionId === null) return nothing(ignored("not a subscription's invoice"));
  const fetched = await fetchSubscription(billing, subscriptionId);
  await catchUp(billing, { loaded, fetched });
  const paid = await withSiblings(billing, { loaded, fetched });
  const purchase = {
    paymentId: `invoice:${invoiceId}`,
    invoiceId,
    charge: await loadCharge(billing, paymentIntentOf(loaded.invoice)),
    paidUntil: planLineOf(billing, loaded)?.endsAt ?? null,
  };
  return withReversals(billing, purchase, fulfilInvoice(billing, paid));
}

async function loadCharge(
  { stripe }: BillingDeps,
  paymentIntentId: string | null,
): Promise<Stripe.Charge | null> {
  if (paymentIntentId === null) return null;
  const intent = await stripe.paymentIntents.retrieve(paymentIntentId, {
    expand: ["latest_charge"],
  });
  return typeof intent.latest_charge === "string" ? null : intent.latest_charge;
}

/**
 * Handles the subscription's earlier paid invoices first, each in its own transaction, should their
 * events be late: what a switch of plans grants depends on what was granted before it. Only for
 * subscriptions from our own checkout, so that no history from before QiFlow is granted.
 */
async function catchUp(
  billing: BillingDeps,
  { loaded, fetched }: { loaded: LoadedInvoice; fetched: FetchedSubscription },
): Promise<void> {
  const { invoice } = loaded;
  const { subscription } = fetched;
  if (invoice.billing_reason === "subscription_create" || !subscription.metadata.userId) return;
  const earlierOnes = await listEarlier(billing, { invoice, subscriptionId: subscription.id });
  for (const { id } of earlierOnes) {
    const late = { loaded: await loadInvoice(billing, id), fetched };
    await applyEffect(billing, fulfilInvoice(billing, await withSiblings(billing, late)));
  }
}

/** Paid invoices of the subscription from before this one that are not recorded yet, oldest first. */
async function listEarlier(
  billing: BillingDeps,
  { invoice, subscriptionId }: { invoice: Stripe.Invoice; subscriptionId: string },
): Promise<Stripe.Invoice[]> {
  const since = invoice.created - CATCH_UP_SECONDS;
  const paid = await billing.stripe.invoices
    .list({ subscription: subscriptionId, status: "paid", created: { gte: since }, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const recorded = await billing.db
    .select({ invoiceId: payment.invoiceId })
    .from(payment)
    .where(eq(payment.subscriptionId, subscriptionId));
  const known = new Set(recorded.map((row) => row.invoiceId));
  // Lists are newest first, also within one second.
  const at = paid.findIndex(({ id }) => id === invoice.id);
  const earlierOnes = at === -1 ? [] : paid.slice(at + 1);
  return earlierOnes.reverse().filter(({ id }) => !known.has(id));
}

async function withSiblings(
  billing: BillingDeps,
  { loaded, fetched }: { loaded: LoadedInvoice; fetched: FetchedSubscription },
): Promise<PaidInvoice> {
  const { subscription } = fetched;
  const customerId = idOf(subscription.customer);
  const isFirst = loaded.invoice.billing_reason === "subscription_create";
  const siblings =
    isFirst && customerId !== null
      ? await listSiblings(billing, { customerId, subscriptionId: subscription.id })
      : [];
  return { loaded, fetched, siblings };
}
