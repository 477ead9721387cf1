import { inArray, or } from "drizzle-orm";
import type Stripe from "stripe";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { checkoutSession, payment, subscription, user } from "@/db/schema";
import { STRIPE_API_VERSION } from "@/integrations/create-stripe";
import { logger } from "@/lib/logger";
import { storableText } from "@/lib/storable-text";
import type { BillingDeps } from "../deps";
import { dead, type Effect, type Handler, ignored, noEffect, writeInOrder } from "../effect";
import { isMissing, withTimeout } from "../stripe/call-stripe";
import {
  onCheckoutSession,
  onCreditNote,
  onCustomerDeleted,
  onFraudWarning,
  onInvoicePaid,
  onInvoiceUnpaid,
  onReversal,
  onScheduleChanged,
  onSubscriptionChanged,
  onTrialEnding,
} from "./handlers";
import {
  closeEvent,
  type InboxStatus,
  recordFailure,
  restoreEvent,
  type StoredEvent,
} from "./store-event";
import { type EventEnvelope, eventEnvelope } from "./verify-webhook";

type EventType = Stripe.WebhookEndpointCreateParams.EnabledEvent;

/** Every event type that has a handler. The webhook endpoint is configured with exactly these. */
const ENTRIES: readonly (readonly [EventType, Handler])[] = [
  ["checkout.session.completed", onCheckoutSession],
  ["checkout.session.async_payment_succeeded", onCheckoutSession],
  ["checkout.session.async_payment_failed", onCheckoutSession],
  ["checkout.session.expired", onCheckoutSession],
  ["invoice.paid", onInvoicePaid],
  ["invoice.payment_failed", onInvoiceUnpaid],
  ["invoice.payment_action_required", onInvoiceUnpaid],
  ["customer.subscription.created", onSubscriptionChanged],
  ["customer.subscription.updated", onSubscriptionChanged],
  ["customer.subscription.deleted", onSubscriptionChanged],
  ["customer.subscription.trial_will_end", onTrialEnding],
  ["customer.subscription.paused", onSubscriptionChanged],
  ["customer.subscription.resumed", onSubscriptionChanged],
  ["subscription_schedule.updated", onScheduleChanged],
  ["subscription_schedule.released", onScheduleChanged],
  ["customer.deleted", onCustomerDeleted],
  ["charge.refunded", onReversal],
  ["refund.created", onReversal],
  ["refund.updated", onReversal],
  ["refund.failed", onReversal],
  ["credit_note.created", onCreditNote],
  ["charge.dispute.created", onReversal],
  ["charge.dispute.funds_withdrawn", onReversal],
  ["charge.dispute.funds_reinstated", onReversal],
  ["charge.dispute.closed", onReversal],
  ["radar.early_fraud_warning.created", onFraudWarning],
];

const HANDLERS: ReadonlyMap<string, Handler> = new Map(ENTRIES);

export const HANDLED_EVENT_TYPES: readonly EventType[] = ENTRIES.map(([type]) => type);

/** For jobs: a handler may load a customer's whole history. */
const TIMEOUT_MS = 60_000;

/**
 * Handles a stored event exactly once, however often it is called. Loads what is needed from Stripe,
 * then one transaction applies the effect, closes the event and writes the credits last. If two
 * workers handle the same event, the loser finds it closed and rolls back. An error is thrown and
 * leaves the event pending.
 *
 * `timeoutMs` limits the loading. Earlier purchases that loading fulfils stay booked.
 */
export async function processEvent(
  billing: BillingDeps,
  event: StoredEvent,
  { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number | undefined } = {},
): Promise<InboxStatus> {
  if (event.status !== "pending") return event.status;
  const effect = await withTimeout(timeoutMs, prepare(billing, event));
  const { status, note } = await billing.db.transaction(async (tx) => {
    const outcome = await effect(tx);
    const { credits, ...closed } = outcome;
    // Nothing depends on the close, so it shares a round trip with the first credit write.
    await Promise.all([closeEvent(tx, billing, { ...closed, event }), writeInOrder(tx, credits)]);
    return outcome;
  });
  const { id: eventId, type } = event;
  if (status === "dead") logger.error({ eventId, type, note }, "Stripe event dead-lettered");
  else logger.info({ eventId, type, status, note }, "Stripe event handled");
  return status;
}

/**
 * Handles a stored event. A failure is counted and leaves the event pending, or dead after too many
 * attempts. Never throws; `onError` receives the error.
 */
export async function attemptEvent(
  billing: BillingDeps,
  event: StoredEvent,
  options: { onError?: (error: unknown) => void; timeoutMs?: number } = {},
): Promise<InboxStatus> {
  const { id } = event;
  try {
    return await processEvent(billing, event, options);
  } catch (error) {
    options.onError?.(error);
    try {
      return await recordFailure(billing, id, error);
    } catch (recordError) {
      // The database is down. The retry job finds the event by the due time set when it was stored.
      logger.error({ eventId: id, err: error, recordError }, "Stripe event failed, not counted");
      return "pending";
    }
  }
}

async function prepare(billing: BillingDeps, received: StoredEvent): Promise<Effect> {
  const isReadable = eventEnvelope.safeParse(received.payload).success;
  const event = isReadable ? received : await restoreEvent(billing, received);
  const envelope = eventEnvelope.parse(event.payload);
  if (event.livemode !== billing.livemode) {
    return noEffect(ignored("from the other Stripe mode (live or test)"));
  }
  if (envelope.account !== undefined) return noEffect(ignored("from a connected account"));
  const handler = HANDLERS.get(event.type);
  if (handler === undefined) return noEffect(ignored("no handler for this event type"));
  if (event.apiVersion !== STRIPE_API_VERSION && !event.anyVersion) {
    return noEffect(
      dead(`API version ${event.apiVersion}; the endpoint must use ${STRIPE_API_VERSION}`),
    );
  }
  try {
    return await handler(billing, event);
  } catch (error) {
    if (isMissing(error) && !(await isKnownObject(billing.db, envelope))) {
      return noEffect(ignored("its object is unknown to Stripe and to us"));
    }
    throw error;
  }
}

/** Whether we have stored the event's object or the customer it names. */
async function isKnownObject(reader: Executor, event: EventEnvelope): Promise<boolean> {
  const { object } = event.data;
  const customer = z.string().safeParse(object.customer);
  const ids = [object.id, customer.data].filter((id) => id !== undefined).map(storableText);
  if (ids.length === 0) return false;
  const paymentIds = ids.flatMap((id) => [`checkout:${id}`, `invoice:${id}`]);
  const found = await Promise.all([
    reader.select({ id: user.id }).from(user).where(inArray(user.stripeCustomerId, ids)).limit(1),
    reader
      .select({ id: subscription.id })
      .from(subscription)
      .where(or(inArray(subscription.id, ids), inArray(subscription.customerId, ids)))
      .limit(1),
    reader
      .select({ id: checkoutSession.id })
      .from(checkoutSession)
      .where(inArray(checkoutSession.id, ids))
      .limit(1),
    reader
      .select({ id: payment.id })
      .from(payment)
      .where(or(inArray(payment.id, paymentIds), inArray(payment.paymentIntentId, ids)))
      .limit(1),
  ]);
  return found.some((rows) => rows.length > 0);
}
