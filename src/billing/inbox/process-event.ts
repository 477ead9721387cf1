import type Stripe from "stripe";
import { STRIPE_API_VERSION } from "@/integrations/create-stripe";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { dead, type Effect, type Handler, ignored, nothing, writeInOrder } from "../effect";
import { isKnownObject } from "../owner";
import { isMissing, withTimeout } from "../stripe/ask-stripe";
import { eventEnvelope } from "./event-envelope";
import { onCheckoutSession } from "./handlers/checkout-session";
import { onCustomerDeleted } from "./handlers/customer-deleted";
import { onInvoicePaid } from "./handlers/invoice-paid";
import { onInvoicePaymentFailed } from "./handlers/invoice-payment-failed";
import { onReversal } from "./handlers/reversal";
import { onSubscriptionChanged } from "./handlers/subscription-changed";
import { closeEvent, type InboxStatus, type StoredEvent } from "./store-event";

type EventType = Stripe.WebhookEndpointCreateParams.EnabledEvent;

/**
 * Every event type that does something; the webhook endpoint at Stripe is set to exactly these. At
 * most 20: a list of events at Stripe can be asked for no more types.
 */
const ENTRIES: readonly (readonly [EventType, Handler])[] = [
  ["checkout.session.completed", onCheckoutSession],
  ["checkout.session.async_payment_succeeded", onCheckoutSession],
  ["checkout.session.async_payment_failed", onCheckoutSession],
  ["checkout.session.expired", onCheckoutSession],
  ["invoice.paid", onInvoicePaid],
  ["invoice.payment_failed", onInvoicePaymentFailed],
  ["customer.subscription.created", onSubscriptionChanged],
  ["customer.subscription.updated", onSubscriptionChanged],
  ["customer.subscription.deleted", onSubscriptionChanged],
  ["customer.subscription.paused", onSubscriptionChanged],
  ["customer.subscription.resumed", onSubscriptionChanged],
  ["customer.deleted", onCustomerDeleted],
  ["charge.refunded", onReversal],
  ["refund.created", onReversal],
  ["refund.updated", onReversal],
  ["refund.failed", onReversal],
  ["charge.dispute.created", onReversal],
  ["charge.dispute.funds_withdrawn", onReversal],
  ["charge.dispute.funds_reinstated", onReversal],
  ["charge.dispute.closed", onReversal],
];

const HANDLERS: ReadonlyMap<string, Handler> = new Map(ENTRIES);

export const HANDLED_EVENT_TYPES: readonly EventType[] = ENTRIES.map(([type]) => type);

/** What a job waits for Stripe's answers about one event: a customer's whole past may be asked for. */
const TIMEOUT_MS = 60_000;

/**
 * Handles a stored event exactly once, however often and from wherever it is called. First what is
 * needed is loaded from Stripe; then one transaction applies the effect, closes the event and, last,
 * writes the credits. Of two that handle it at once the later finds it closed and keeps nothing. An
 * error leaves the event pending and is thrown.
 *
 * The loading has `timeoutMs`; what comes later is thrown away, and an earlier purchase that it books
 * on its way stays booked, once like every other.
 *
 * `anyVersion` of an event that Stripe listed or an admin replays lets another API version's shape
 * pass, as handlers read nothing of the payload but ids.
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
    // Nothing waits for the closing, so it travels with the first of the credits.
    await Promise.all([closeEvent(tx, billing, { ...closed, event }), writeInOrder(tx, credits)]);
    return outcome;
  });
  const { id: eventId, type } = event;
  if (status === "dead") logger.error({ eventId, type, note }, "Stripe event dead-lettered");
  else logger.info({ eventId, type, status, note }, "Stripe event processed");
  return status;
}

async function prepare(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const envelope = eventEnvelope.parse(event.payload);
  if (event.livemode !== billing.livemode) {
    return nothing(ignored("from Stripe's other mode (live or test)"));
  }
  if (envelope.account !== undefined) return nothing(ignored("a connected account's event"));
  const handler = HANDLERS.get(event.type);
  if (handler === undefined) return nothing(ignored("nobody asked for events of this type"));
  if (event.apiVersion !== STRIPE_API_VERSION && !event.anyVersion) {
    return nothing(
      dead(`API version ${event.apiVersion}; the endpoint must use ${STRIPE_API_VERSION}`),
    );
  }
  try {
    return await handler(billing, event);
  } catch (error) {
    if (isMissing(error) && !(await isKnownObject(billing.db, envelope))) {
      return nothing(ignored("neither Stripe nor we know what this is about"));
    }
    throw error;
  }
}
