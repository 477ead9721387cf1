import { createHash } from "node:crypto";
import { and, count, eq, gt, isNotNull } from "drizzle-orm";
import type Stripe from "stripe";
import { checkoutSession, payment, user } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { type Locale, localePath } from "@/lib/locales";
import { type ItemId, itemById } from "../catalog";
import type { BillingDeps } from "../deps";
import { ConflictingTabs, LifetimeHeld, SecondSubscription } from "../errors";
import { askStripe, isMissing, withFreshIdempotencyKey } from "../stripe/ask-stripe";
import { deliverStripeCalls } from "../stripe/deliver-stripe-calls";
import { localeOf, stripeLocale } from "../stripe/locale";
import { listLiveSubscriptions } from "../subscriptions/live-subscriptions";
import { ensureCustomer, replaceCustomer } from "./customer";
import { findOpenSession, recordSession } from "./open-sessions";
import type { Purchase } from "./purchase";

/** Each try that fails means that another tab has just opened a page of its own. */
const MAX_TRIES = 4;

interface CountedPurchase extends Purchase {
  /** How many sessions of the user were recorded when this began. */
  readonly generation: number;
}

/**
 * Opens Stripe's payment page for one item and answers its address. An open page for the same thing
 * is answered again; opening a subscription's closes the user's other open one.
 *
 * `locale`: the language of Stripe's page and of the way back; the user's own if not given.
 *
 * Throws SecondSubscription if there is a live one, LifetimeHeld, ServiceUnavailable if Stripe can't
 * be reached (nothing has been bought then). Rate limits are the caller's.
 */
export async function createCheckout(
  billing: BillingDeps,
  wanted: { userId: string; item: ItemId; locale?: Locale; now: Date },
): Promise<{ url: string }> {
  const { userId, now } = wanted;
  const item = itemById(wanted.item);
  const locale = wanted.locale ?? (await readLocale(billing, userId));
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const page = await openPage(billing, { userId, item, locale, now });
    if (page !== null) return page;
  }
  throw new ConflictingTabs();
}

/** Null if another tab of the same person has closed the page meanwhile: then it is tried anew. */
async function openPage(billing: BillingDeps, wanted: Purchase): Promise<{ url: string } | null> {
  const { userId, item } = wanted;
  // Counted before looking for an open page: whoever finds none then counts as its opener did.
  const generation = await countSessions(billing, userId);
  const purchase: CountedPurchase = { ...wanted, generation };
  if (item.kind === "lifetime") await refuseSecondLifetime(billing, purchase);

  const open = await findOpenSession(billing, purchase);
  const customerId = await ensureCustomer(billing, userId);
  if (item.kind === "subscription") await refuseSecondSubscription(billing, customerId);
  if (open !== null) return { url: open.url };

  const { session, url } = await openSession(billing, purchase, customerId);
  const recorded = await recordSession(billing, { ...purchase, session, url });
  await deliverStripeCalls(billing, { keys: recorded.closing });
  if (recorded.became === "refused") throw new NotFound("user");
  return recorded.became === "open" ? { url } : null;
}

async function readLocale(billing: BillingDeps, userId: string): Promise<Locale> {
  const [buyer] = await billing.db
    .select({ locale: user.locale })
    .from(user)
    .where(eq(user.id, userId));
  if (buyer === undefined) throw new NotFound("user");
  return localeOf(buyer.locale);
}

async function countSessions(billing: BillingDeps, userId: string): Promise<number> {
  const [sessions] = await billing.db
    .select({ recorded: count() })
    .from(checkoutSession)
    .where(eq(checkoutSession.userId, userId));
  return sessions?.recorded ?? 0;
}

async function refuseSecondLifetime(
  billing: BillingDeps,
  { userId, now }: Purchase,
): Promise<void> {
  const [held] = await billing.db
    .select({ id: payment.id })
    .from(payment)
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.item, "lifetime"),
        isNotNull(payment.memberFromAt),
        gt(payment.memberUntilAt, now),
      ),
    )
    .limit(1);
  if (held !== undefined) throw new LifetimeHeld();
  // Completed and not paid yet: a bank debit takes days, longer than the page was open.
  const [underWay] = await billing.db
    .select({ id: checkoutSession.id })
    .from(checkoutSession)
    .where(
      and(
        eq(checkoutSession.userId, userId),
        eq(checkoutSession.item, "lifetime"),
        eq(checkoutSession.status, "complete"),
      ),
    )
    .limit(1);
  if (underWay !== undefined) throw new LifetimeHeld();
}

/** Asked at Stripe, not of our copy: a subscription paid a second ago may not have reached us yet. */
async function refuseSecondSubscription(billing: BillingDeps, customerId: string): Promise<void> {
  const live = await askStripe(() => listLiveSubscriptions(billing, customerId));
  if (live.length > 0) throw new SecondSubscription();
}

async function openSession(billing: BillingDeps, purchase: CountedPurchase, customerId: string) {
  try {
    return await createSession(billing, purchase, customerId);
  } catch (error) {
    if (!isMissing(error, "customer")) throw error;
    const { userId } = purchase;
    const replacement = await replaceCustomer(billing, { userId, gone: customerId });
    return createSession(billing, purchase, replacement);
  }
}

/**
 * The idempotency key holds the count of the user's recorded sessions and covers the parameters: two tabs at
 * once, or a retry after a crash, get one session, while a later purchase gets a new one.
 */
async function createSession(billing: BillingDeps, purchase: CountedPurchase, customerId: string) {
  const params = sessionParams(billing, purchase, customerId);
  const { userId, generation } = purchase;
  const digest = createHash("sha256").update(JSON.stringify(params)).digest("hex").slice(0, 16);
  const key = `checkout:${userId}:${generation}:${digest}`;
  const session = await withFreshIdempotencyKey({ key, now: billing.clock() }, (options) =>
    billing.stripe.checkout.sessions.create(params, options),
  );
  if (session.url === null) throw new Error(`Stripe gave session ${session.id} no address.`);
  return { session, url: session.url };
}

function sessionParams(
  billing: BillingDeps,
  { userId, item, locale }: Purchase,
  customerId: string,
): Stripe.Checkout.SessionCreateParams {
  // Stripe copies the session's metadata to nothing, so it is set on what the session makes too.
  const metadata = { userId, item: item.id };
  const page = (path: string) => `${billing.appUrl}${localePath(locale, path)}`;
  return {
    ui_mode: "hosted_page",
    mode: item.kind === "subscription" ? "subscription" : "payment",
    customer: customerId,
    client_reference_id: userId,
    line_items: [{ price: billing.prices.priceOf(item.id), quantity: 1 }],
    metadata,
    ...(item.kind === "subscription"
      ? { subscription_data: { metadata } }
      : { payment_intent_data: { metadata } }),
    locale: stripeLocale(locale),
    allow_promotion_codes: true,
    success_url: `${page("/billing/success")}?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: page("/pricing?checkout=cancelled"),
    ...(billing.automaticTax
      ? {
          automatic_tax: { enabled: true },
          customer_update: { address: "auto" as const, name: "auto" as const },
        }
      : {}),
    ...(billing.billingAddress ? { billing_address_collection: "required" as const } : {}),
  };
}
