import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import { enqueueAlert } from "@/alerts/alert";
import { payment, subscription } from "@/db/schema";
import { formatMoney } from "@/lib/formats";
import type { BillingDeps } from "../deps";
import {
  type CreditWrite,
  dead,
  type Effect,
  handled,
  ignored,
  noEffect,
  type Outcome,
} from "../effect";
import {
  linkStripeCustomer,
  lockOwner,
  resolveKnownUser,
  resolveUser,
  unknownPrice,
} from "../owner";
import { type FoundPurchase, findInvoicePurchase, findPurchase } from "../purchases/find-purchase";
import { fulfilWaitingSwitches, preparePaidInvoice } from "../purchases/paid-invoice";
import {
  claimsOf,
  isPaid,
  loadSession,
  notifyDebitFailed,
  prepareSession,
  setCheckoutStatus,
} from "../purchases/paid-session";
import { sendPaymentConfirmation, sendPaymentFailed, sendTrialNotice } from "../purchases/receipts";
import { refreshOtherPlans } from "../purchases/refresh-plans";
import { alignPurchase } from "../reversals/align-purchase";
import { idOf, instantOrNull } from "../stripe/values";
import { isLive, planItemOf } from "../subscriptions/live-subscriptions";
import {
  type FetchedSubscription,
  fetchSubscription,
  syncSubscription,
} from "../subscriptions/sync-subscription";
import type { StoredEvent } from "./store-event";

/*
 * One handler per group of event types. Events are hints: a handler reads the object's id and asks
 * Stripe for its current state, so events may arrive late, twice or in any order.
 */

/**
 * `checkout.session.completed`, `async_payment_succeeded`, `async_payment_failed` and `expired`:
 * grants a one-time purchase once its session is paid or needs no payment. A subscription's session
 * grants nothing; its invoices do.
 */
export async function onCheckoutSession(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const loaded = await loadSession(billing, objectIdOf(event));
  const { session } = loaded;
  if (session.mode === "subscription") {
    const subscriptionId = idOf(session.subscription);
    const fetched =
      subscriptionId === null ? null : await fetchSubscription(billing, subscriptionId);
    const status = isPaid(session) ? "paid" : unpaidStatus(session, event.type);
    return syncSessionSubscription(billing, { session, status, fetched });
  }
  if (session.mode !== "payment") return noEffect(ignored(`a session in ${session.mode} mode`));
  const isFailed = event.type === "checkout.session.async_payment_failed";
  return prepareSession(billing, loaded, { isFailed });
}

/** `invoice.paid`: grants what the invoice pays for. Also sent for payments outside Stripe. */
export async function onInvoicePaid(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  return preparePaidInvoice(billing, objectIdOf(event));
}

/**
 * `invoice.payment_failed` and `invoice.payment_action_required`: emails the user once per attempt,
 * with a link to the invoice if the payment needs authentication. Stripe sends both events for such a
 * payment, so its state decides. Membership lasts to the end of the paid time; if Stripe stops
 * retrying, `customer.subscription.*` ends it. The first payment needs no email, because the payment
 * page shows its state.
 */
export async function onInvoiceUnpaid(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const invoice = await billing.stripe.invoices.retrieve(objectIdOf(event));
  const subscriptionId = idOf(invoice.parent?.subscription_details?.subscription);
  if (subscriptionId === null) return noEffect(ignored("not a subscription's invoice"));
  const fetched = await fetchSubscription(billing, subscriptionId);
  const plan = planItemOf(billing, fetched.subscription);
  const isUnconfirmed = await needsAuthentication(billing, invoice);
  return async (tx) => {
    const owner = await ownerResolver(plan)(tx, {
      customerId: idOf(invoice.customer),
      subscriptionId,
      claims: [
        invoice.parent?.subscription_details?.metadata?.userId,
        fetched.subscription.metadata.userId,
      ],
    });
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt, recipient } = owner;
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    if (plan === null) return { ...unknownPrice(pricesOf(fetched.subscription), userId), credits };
    if (invoice.status === "paid" || invoice.billing_reason === "subscription_create") {
      return handled("no email needed", userId, credits);
    }
    if (recipient === null) return handled("account deleted: no email", userId, credits);
    const unpaid = {
      recipient,
      invoiceId: invoice.id,
      attempt: invoice.attempt_count,
      item: plan.item.id,
      amountCents: invoice.amount_remaining,
      currency: invoice.currency,
      now: billing.clock(),
    };
    if (isUnconfirmed) {
      const invoiceUrl = invoice.hosted_invoice_url ?? null;
      await sendPaymentConfirmation(tx, { ...unpaid, invoiceUrl });
      return handled("payment needs authentication: link emailed", userId, credits);
    }
    const nextAttemptAt = instantOrNull(invoice.next_payment_attempt);
    await sendPaymentFailed(tx, { ...unpaid, nextAttemptAt });
    return handled("payment failure emailed", userId, credits);
  };
}

/**
 * `customer.subscription.*`: syncs our copy, whatever the price if we know the subscription or its
 * customer. A new period is not a payment and grants nothing.
 */
export async function onSubscriptionChanged(
  billing: BillingDeps,
  event: StoredEvent,
): Promise<Effect> {
  return syncChanged(billing, objectIdOf(event));
}

/**
 * `subscription_schedule.updated` and `released`: syncs the subscription. An edit of a later phase, for
 * example in Stripe's dashboard, changes nothing of the subscription itself.
 */
export async function onScheduleChanged(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const schedule = await billing.stripe.subscriptionSchedules.retrieve(objectIdOf(event));
  const subscriptionId = idOf(schedule.subscription) ?? schedule.released_subscription;
  return subscriptionId === null
    ? noEffect(ignored("a schedule without a subscription"))
    : syncChanged(billing, subscriptionId);
}

async function syncChanged(billing: BillingDeps, subscriptionId: string): Promise<Effect> {
  const fetched = await fetchSubscription(billing, subscriptionId);
  const { subscription: state } = fetched;
  if (!isLive(state.status)) await fulfilWaitingSwitches(billing, fetched);
  return async (tx) => {
    const owner = await ownerResolver(planItemOf(billing, state))(tx, ownerHints(state));
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt } = owner;
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    return handled(`subscription is ${state.status}`, userId, credits);
  };
}

/**
 * `customer.subscription.trial_will_end`, three days before: emails the date and the amount of the first
 * charge and how to cancel, once per date. Nothing if the trial has ended, or ends without a charge.
 */
export async function onTrialEnding(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const fetched = await fetchSubscription(billing, objectIdOf(event));
  const { subscription: state, firstChargeCents: amountCents } = fetched;
  const plan = planItemOf(billing, state);
  return async (tx) => {
    const owner = await ownerResolver(plan)(tx, ownerHints(state));
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt, recipient } = owner;
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    const endsAt = instantOrNull(state.trial_end);
    if (plan === null || recipient === null || amountCents === null || endsAt === null) {
      return handled(`no email needed: the subscription is ${state.status}`, userId, credits);
    }
    await sendTrialNotice(tx, {
      recipient,
      subscriptionId: state.id,
      item: plan.item.id,
      event: "ending",
      endsAt,
      amountCents,
      currency: state.currency,
      now: billing.clock(),
    });
    return handled("end of the trial emailed", userId, credits);
  };
}

/**
 * `customer.deleted`: ends access, because Stripe has cancelled the customer's subscriptions. Keeps
 * the stored customer id so that later events find their user; the next purchase replaces it.
 */
export async function onCustomerDeleted(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const customerId = objectIdOf(event);
  const known = await billing.db
    .select({ id: subscription.id, userId: subscription.userId })
    .from(subscription)
    .where(eq(subscription.customerId, customerId));
  const fetched: (FetchedSubscription & { userId: string })[] = [];
  for (const { id, userId } of known) {
    fetched.push({ ...(await fetchSubscription(billing, id)), userId });
  }
  const owner = fetched[0]?.userId;
  if (owner === undefined) return noEffect(ignored("the customer has none of our subscriptions"));
  return async (tx) => {
    const credits: CreditWrite[] = [];
    for (const each of fetched) {
      const deletedAt = await lockOwner(tx, each.userId);
      credits.push(...(await syncSubscription(tx, billing, { ...each, deletedAt })));
    }
    return handled("customer deleted, access ended", owner, credits);
  };
}

/**
 * `charge.refunded`, `refund.*` and `charge.dispute.*`: loads all refunds, credits and disputes of the
 * purchase and applies them. If the purchase is a dead letter, so is this event; both are replayed.
 */
export async function onReversal(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const paymentIntent = await reversedPaymentIntent(billing, event);
  if (paymentIntent === null) return noEffect(ignored("not one of our payments"));
  const found = await findPurchase(billing, paymentIntent);
  return alignWithReversals(billing, { found, paymentIntent });
}

/**
 * `credit_note.created`: like a refund. What the note refunded counts, and what it returned to the
 * customer balance or outside Stripe. A note on an unpaid invoice only makes it smaller.
 */
export async function onCreditNote(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const note = await billing.stripe.creditNotes.retrieve(objectIdOf(event));
  const invoiceId = idOf(note.invoice);
  if (invoiceId === null || note.post_payment_amount === 0) {
    return noEffect(ignored("nothing paid was returned"));
  }
  const found = await findInvoicePurchase(billing, invoiceId);
  return alignWithReversals(billing, { found, paymentIntent: null });
}

/**
 * `radar.early_fraud_warning.created`: alerts the operator once per warning. Nothing is refunded or
 * revoked automatically, because a warning moves no money and may be wrong.
 */
export async function onFraudWarning(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const { stripe, alertChannels } = billing;
  const warning = await stripe.radar.earlyFraudWarnings.retrieve(objectIdOf(event));
  const chargeId = idOf(warning.charge);
  const paymentIntent =
    idOf(warning.payment_intent) ??
    (chargeId === null ? null : idOf((await stripe.charges.retrieve(chargeId)).payment_intent));
  if (paymentIntent === null) return noEffect(ignored("not one of our payments"));
  const found = await findPurchase(billing, paymentIntent);
  if (found === null) return noEffect(ignored("not one of our purchases"));
  if ("dead" in found) return noEffect(dead(`its purchase is a dead letter: ${found.dead.note}`));
  const { paymentId } = found;
  return async (tx) => {
    const [paid] = await tx.select().from(payment).where(eq(payment.id, paymentId));
    if (paid === undefined) throw new Error(`There is no payment ${paymentId}.`);
    const alert = {
      key: `fraud-warning:${warning.id}`,
      subject: "A card issuer reports a payment as probably fraudulent",
      facts: {
        paymentId,
        paymentIntent,
        userId: paid.userId,
        amount: formatMoney(paid.amountCents, paid.currency, "en"),
        fraudType: warning.fraud_type,
        whatToDo: warning.actionable
          ? "Nothing was refunded automatically. Refund the payment in Stripe's dashboard if it looks fraudulent, before it is disputed."
          : "Nothing. The payment is already disputed or fully refunded.",
      },
      now: billing.clock(),
    };
    await enqueueAlert(tx, alert, alertChannels);
    return handled("early fraud warning: operator alerted", paid.userId);
  };
}

async function alignWithReversals(
  billing: BillingDeps,
  { found, paymentIntent }: { found: FoundPurchase | null; paymentIntent: string | null },
): Promise<Effect> {
  if (found === null) return noEffect(ignored("not one of our purchases"));
  if ("dead" in found) return noEffect(dead(`its purchase is a dead letter: ${found.dead.note}`));
  await refreshOtherPlans(billing, found);
  return alignPurchase(billing, { ...found, paymentIntent });
}

/** Whether the open payment of an invoice waits for the cardholder's authentication. */
async function needsAuthentication(
  { stripe }: BillingDeps,
  { id }: Stripe.Invoice,
): Promise<boolean> {
  const { data } = await stripe.invoicePayments.list({ invoice: id, status: "open", limit: 100 });
  const intentId = idOf(data.find(({ is_default }) => is_default)?.payment.payment_intent);
  if (intentId === null) return false;
  const { status, last_payment_error } = await stripe.paymentIntents.retrieve(intentId);
  return status === "requires_action" || last_payment_error?.code === "authentication_required";
}

/** Without one of our plans, only a stored customer, session or subscription makes an object ours. */
function ownerResolver(plan: ReturnType<typeof planItemOf>) {
  return plan === null ? resolveKnownUser : resolveUser;
}

function ownerHints(state: Stripe.Subscription) {
  return {
    customerId: idOf(state.customer),
    subscriptionId: state.id,
    claims: [state.metadata.userId],
  };
}

function pricesOf(subscription: Stripe.Subscription): string[] {
  return subscription.items.data.map(({ price }) => price.id);
}

/** The id of the event's object. Every type with a handler has one. */
function objectIdOf(event: StoredEvent): string {
  if (event.objectId === null) throw new Error(`${event.type} ${event.id} has no object id.`);
  return event.objectId;
}

type UnpaidStatus = "complete" | "failed" | "expired";

function unpaidStatus(session: Stripe.Checkout.Session, eventType: string): UnpaidStatus {
  if (eventType === "checkout.session.async_payment_failed") return "failed";
  return session.status === "expired" ? "expired" : "complete";
}

function syncSessionSubscription(
  billing: BillingDeps,
  {
    session,
    status,
    fetched,
  }: {
    session: Stripe.Checkout.Session;
    status: UnpaidStatus | "paid";
    fetched: FetchedSubscription | null;
  },
): Effect {
  if (fetched === null) {
    return async (tx) => {
      await setCheckoutStatus(tx, session.id, status);
      return handled("no subscription was created", null);
    };
  }
  const plan = planItemOf(billing, fetched.subscription);
  return async (tx): Promise<Outcome> => {
    const owner = await ownerResolver(plan)(tx, {
      customerId: idOf(session.customer),
      sessionId: session.id,
      subscriptionId: fetched.subscription.id,
      claims: [...claimsOf(session), fetched.subscription.metadata.userId],
    });
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt } = owner;
    if (!owner.isCustomerStored) {
      await linkStripeCustomer(tx, { userId, customerId: idOf(session.customer) });
    }
    if (status === "failed") await notifyDebitFailed(tx, session, billing.clock());
    await setCheckoutStatus(tx, session.id, status);
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    return handled("subscription synced; its invoices grant credits", userId, credits);
  };
}

async function reversedPaymentIntent(
  { stripe }: BillingDeps,
  event: StoredEvent,
): Promise<string | null> {
  const id = objectIdOf(event);
  if (event.type.startsWith("refund.")) {
    return idOf((await stripe.refunds.retrieve(id)).payment_intent);
  }
  if (event.type.startsWith("charge.dispute.")) {
    return idOf((await stripe.disputes.retrieve(id)).payment_intent);
  }
  return idOf((await stripe.charges.retrieve(id)).payment_intent);
}
