import { createHash } from "node:crypto";
import { and, count, eq, inArray, sql } from "drizzle-orm";
import type Stripe from "stripe";
import { z } from "zod";
import { enqueueAlert } from "@/alerts/alert";
import { catalog } from "@/catalog/catalog";
import { findItem, type Item } from "@/catalog/items";
import { checkoutSession, outbox, payment, user } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { type Locale, localeOf, localePath } from "@/lib/locales";
import { dayName } from "@/lib/utc-period";
import {
  consentVersion,
  recordConsent,
  requireConsent,
  type SupplyConsent,
} from "../consumer-rights/supply-consent";
import type { BillingDeps } from "../deps";
import {
  CheckoutRefused,
  ConflictingTabs,
  CurrencyBound,
  CurrencyUnavailable,
  ItemUnavailable,
  LifetimeHeld,
  SecondSubscription,
} from "../errors";
import { amountsOf, type SoldPrice } from "../prices/prices";
import { isHeldLifetime } from "../purchases/held-plans";
import { LIFETIME_ITEMS, refreshLifetimes } from "../purchases/refresh-plans";
import { hasHadTrial } from "../purchases/trial";
import {
  boundCurrencyOf,
  callStripe,
  isMissing,
  isRefused,
  withFreshIdempotencyKey,
} from "../stripe/call-stripe";
import { stripeLocale } from "../stripe/locale";
import { runStripeCalls } from "../stripe/run-stripe-calls";
import { listAllSubscriptions, listLiveSubscriptions } from "../subscriptions/live-subscriptions";
import { ensureCustomer, replaceCustomer } from "./customer";
import {
  closeOpenSessions,
  findOpenSession,
  type OpenSession,
  type Purchase,
  recordSession,
} from "./open-sessions";

/**
 * A client sends an item's id and one of its currencies. Price and credits come from the server's
 * catalogue.
 */
export const startCheckoutInput = z.strictObject({
  item: z.string().refine((id) => findItem(id) !== null, "is not for sale"),
  currency: z.string().optional(),
  consent: consentVersion,
});

/** A failed try means that another tab has opened a page at the same time. */
const MAX_TRIES = 4;

interface CountedPurchase extends Purchase {
  /** The user's recorded sessions when this try began. */
  readonly sessionCount: number;
}

/**
 * Opens Stripe's payment page for one item and returns its URL. Returns an open page for the same
 * item again; a page for a subscription or a lifetime closes the user's other open pages for either.
 * The page charges the catalogue's amount in `currency`, by default the catalogue's currency.
 * `locale` applies to Stripe's page and the return URLs; the default is the user's. The caller limits the rate.
 * Stores the buyer's `consent` to immediate supply with the page.
 * @throws ConsentRequired or PageOutOfDate without the consent that the catalogue collects
 * @throws SecondSubscription, LifetimeHeld, ConflictingTabs, CheckoutRefused, CurrencyBound or CurrencyUnavailable
 * @throws NotFound for a deleted account, ServiceUnavailable during a Stripe outage
 */
export async function createCheckout(
  billing: BillingDeps,
  request: {
    userId: string;
    item: string;
    currency?: string;
    consent?: SupplyConsent;
    locale?: Locale;
    now: Date;
  },
): Promise<{ url: string }> {
  const { userId, now, currency = catalog.currency } = request;
  const consent = requireConsent(request.consent);
  const item = findItem(request.item);
  if (item === null) throw new NotFound("item");
  if (!Object.hasOwn(item.amounts, currency)) {
    throw new CurrencyUnavailable({ item: item.id, currency });
  }
  const locale = request.locale ?? (await readLocale(billing, userId));
  const price = await findPrice(billing, { userId, item, now });
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const page = await openPage(billing, { userId, item, price, currency, consent, locale, now });
    if (page !== null) return page;
  }
  throw new ConflictingTabs();
}

/** Null if another tab has closed the page. The caller tries again. */
async function openPage(
  billing: BillingDeps,
  started: Omit<Purchase, "trialDays">,
): Promise<{ url: string } | null> {
  const { userId, item } = started;
  // Counted before the search for an open page, so that concurrent tabs that find none share a key.
  const sessionCount = await countSessions(billing, userId);
  const customerId = await ensureCustomer(billing, userId);
  const trialDays = await trialDaysOf(billing, { userId, item, customerId });
  const purchase: CountedPurchase = { ...started, trialDays, sessionCount };

  const open = await findOpenSession(billing, purchase);
  if (item.kind === "lifetime") await refuseHeldLifetime(billing, { userId, open });
  if (item.kind === "subscription") await refuseHeldSubscription(billing, { userId, customerId });
  if (open !== null && open !== "complete") {
    const { consent } = purchase;
    if (consent !== null) {
      await recordConsent(billing.db, { ...purchase, consent, sessionId: open.id });
    }
    return { url: open.url };
  }

  const { session, url } = await openSessionOrReport(billing, purchase, customerId);
  const recorded = await recordSession(billing, { ...purchase, session, url });
  await runStripeCalls(billing, { keys: recorded.callKeys });
  if (recorded.outcome === "refused") throw new NotFound("user");
  return recorded.outcome === "open" ? { url } : null;
}

/**
 * The days of the trial that the subscription begins with; null if the item has none or the account or
 * the customer has had one. Reads from Stripe too, because the events of another trial may not have
 * arrived.
 */
async function trialDaysOf(
  billing: BillingDeps,
  { item, ...buyer }: { item: Item; userId: string; customerId: string },
): Promise<number | null> {
  if (item.kind !== "subscription" || item.trial === null) return null;
  if (await hasHadTrial(billing.db, buyer)) return null;
  const all = await callStripe(() => listAllSubscriptions(billing, buyer.customerId));
  return all.some(({ trial_start: startedAt }) => startedAt !== null) ? null : item.trial.days;
}

/** @throws CheckoutRefused, after an alert, if no price at Stripe has the item's terms */
async function findPrice(
  billing: BillingDeps,
  wanted: Pick<Purchase, "userId" | "item" | "now">,
): Promise<SoldPrice> {
  try {
    return await billing.prices.priceOf(wanted.item);
  } catch (error) {
    return refuse(billing, wanted, error);
  }
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

/**
 * Reads from Stripe before it refuses, because the event of a refund or of a failed debit may not have
 * arrived.
 */
async function refuseHeldLifetime(
  billing: BillingDeps,
  { userId, open }: { userId: string; open: OpenSession },
): Promise<void> {
  if (open !== "complete" && !(await hasLifetime(billing, userId))) return;
  await callStripe(() => refreshLifetimes(billing, { userId }));
  if (await hasLifetime(billing, userId)) throw new LifetimeHeld();
}

/** Whether the user holds a lifetime or its payment is in progress. */
async function hasLifetime({ db }: BillingDeps, userId: string): Promise<boolean> {
  const [held] = await db
    .select({ id: payment.id })
    .from(payment)
    .where(isHeldLifetime(userId))
    .limit(1);
  if (held !== undefined) return true;
  // Complete but not paid yet: a bank debit takes days.
  const [inProgress] = await db
    .select({ id: checkoutSession.id })
    .from(checkoutSession)
    .where(
      and(
        eq(checkoutSession.userId, userId),
        inArray(checkoutSession.item, LIFETIME_ITEMS),
        eq(checkoutSession.status, "complete"),
      ),
    )
    .limit(1);
  return inProgress !== undefined;
}

/**
 * Reads from Stripe, because the event of a subscription paid a second ago may not have arrived. Runs
 * our pending cancellations first, so that a subscription whose payment was refunded blocks nothing.
 */
async function refuseHeldSubscription(
  billing: BillingDeps,
  { userId, customerId }: { userId: string; customerId: string },
): Promise<void> {
  const listLive = () => callStripe(() => listLiveSubscriptions(billing, customerId));
  if ((await listLive()).length === 0) return;
  await runStripeCalls(billing, { keys: await listCancellations(billing, userId) });
  if ((await listLive()).length > 0) throw new SecondSubscription();
}

async function listCancellations({ db }: BillingDeps, userId: string): Promise<string[]> {
  const calls = await db
    .select({ key: outbox.idempotencyKey })
    .from(outbox)
    .where(
      and(
        eq(outbox.userId, userId),
        eq(outbox.kind, "stripe"),
        eq(outbox.status, "pending"),
        inArray(sql`${outbox.payload} ->> 'do'`, ["cancel-now", "cancel-for-reversal"]),
      ),
    );
  return calls.map(({ key }) => key);
}

/**
 * Closes the user's other subscription pages and tries again if one binds the customer's currency.
 * @throws CurrencyBound or CheckoutRefused, after an alert, if Stripe refuses the session permanently
 */
async function openSessionOrReport(
  billing: BillingDeps,
  purchase: CountedPurchase,
  customerId: string,
) {
  try {
    return await openSession(billing, purchase, customerId);
  } catch (error) {
    if (boundCurrencyOf(error) === null)
      return openAtNewPrice(billing, purchase, customerId, error);
  }
  const { userId, now } = purchase;
  const callKeys = await closeOpenSessions(billing, { userId, now });
  await runStripeCalls(billing, { keys: callKeys });
  try {
    return await openSession(billing, purchase, customerId);
  } catch (error) {
    return refuse(billing, purchase, error);
  }
}

/**
 * Tries the price that Stripe has for the item now, because an operator may have archived the one we
 * know and created another.
 */
async function openAtNewPrice(
  billing: BillingDeps,
  purchase: CountedPurchase,
  customerId: string,
  refusal: unknown,
) {
  try {
    const isPriceProblem = isRefused(refusal) || refusal instanceof ItemUnavailable;
    const price = isPriceProblem ? await billing.prices.findAtStripe(purchase.item) : null;
    if (price === null || price.priceId === purchase.price.priceId) throw refusal;
    return await openSession(billing, { ...purchase, price }, customerId);
  } catch (error) {
    return refuse(billing, purchase, error);
  }
}

/** Rethrows outages and our own bugs. There is nothing to undo: no page was opened. */
async function refuse(
  billing: BillingDeps,
  { userId, item, now }: Pick<Purchase, "userId" | "item" | "now">,
  error: unknown,
): Promise<never> {
  if (!isRefused(error) && !(error instanceof ItemUnavailable)) throw error;
  const currency = boundCurrencyOf(error);
  const alert = {
    key: `checkout-refused:${item.id}:${currency === null ? "any" : userId}:${dayName(now)}`,
    subject: "An item cannot be bought",
    facts: { item: item.id, userId, reason: error.message },
    now,
  };
  await enqueueAlert(billing.db, alert, billing.alertChannels);
  if (currency !== null) throw new CurrencyBound({ currency, cause: error });
  throw new CheckoutRefused(error);
}

async function openSession(billing: BillingDeps, purchase: CountedPurchase, customerId: string) {
  try {
    return await createSession(billing, purchase, customerId);
  } catch (error) {
    if (!isMissing(error, "customer")) throw error;
    const { userId } = purchase;
    const replacement = await replaceCustomer(billing, { userId, missing: customerId });
    return createSession(billing, purchase, replacement);
  }
}

/**
 * The idempotency key contains the count of the user's sessions and a digest of the parameters.
 * Concurrent tabs and a retry after a crash get the same session; a later purchase gets a new one.
 * @throws ItemUnavailable if Stripe would charge another amount than the catalogue's, because an operator
 * can change the amount of a further currency at Stripe. The session stays unused.
 */
async function createSession(billing: BillingDeps, purchase: CountedPurchase, customerId: string) {
  const params = sessionParams(billing, purchase, customerId);
  const { userId, sessionCount } = purchase;
  const digest = createHash("sha256").update(JSON.stringify(params)).digest("hex").slice(0, 16);
  const key = `checkout:${userId}:${sessionCount}:${digest}`;
  const session = await withFreshIdempotencyKey({ key, now: billing.clock() }, (options) =>
    billing.stripe.checkout.sessions.create(params, options),
  );
  if (session.url === null) throw new Error(`Session ${session.id} has no URL.`);
  const { item, currency } = purchase;
  const sold = session.line_items?.data[0]?.price;
  if (!sold || amountsOf(sold)[currency] !== item.amounts[currency]) {
    throw new ItemUnavailable(item.id);
  }
  return { session, url: session.url };
}

function sessionParams(
  billing: BillingDeps,
  { userId, item, price, currency, locale, trialDays }: Purchase,
  customerId: string,
): Stripe.Checkout.SessionCreateParams {
  // Stripe does not copy a session's metadata to the subscription or payment intent it creates.
  const metadata = {
    userId,
    item: item.id,
    ...(trialDays !== null && { trialDays: trialDays.toString() }),
  };
  const trial = trialDays === null ? {} : { trial_period_days: trialDays };
  const page = (path: string) => `${billing.appUrl}${localePath(locale, path)}`;
  return {
    ui_mode: "hosted_page",
    mode: item.kind === "subscription" ? "subscription" : "payment",
    customer: customerId,
    client_reference_id: userId,
    line_items: [{ price: price.priceId, quantity: 1 }],
    currency,
    expand: ["line_items.data.price.currency_options"],
    // Stripe's page shows the amounts of the catalogue, not converted ones.
    adaptive_pricing: { enabled: false },
    metadata,
    ...(item.kind === "subscription"
      ? { subscription_data: { metadata, ...trial } }
      : { payment_intent_data: { metadata } }),
    ...(item.kind !== "subscription" && billing.purchaseInvoices
      ? { invoice_creation: { enabled: true, invoice_data: { metadata } } }
      : {}),
    locale: stripeLocale(locale),
    allow_promotion_codes: true,
    success_url: `${page("/billing/success")}?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: page("/pricing?checkout=cancelled"),
    ...(billing.automaticTax ? { automatic_tax: { enabled: true } } : {}),
    ...(billing.billingAddress ? { billing_address_collection: "required" as const } : {}),
    // Tax needs the address on the customer, and invoices show name and address from there.
    ...(billing.automaticTax || billing.billingAddress
      ? { customer_update: { address: "auto" as const, name: "auto" as const } }
      : {}),
  };
}
