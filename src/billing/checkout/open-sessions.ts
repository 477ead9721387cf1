import { millisecondsInMinute } from "date-fns/constants";
import { and, desc, eq, gt, inArray, ne } from "drizzle-orm";
import type Stripe from "stripe";
import type { Item } from "@/catalog/items";
import { ITEMS } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { checkoutSession } from "@/db/schema";
import type { Locale } from "@/lib/locales";
import { recordConsent, type SupplyConsent } from "../consumer-rights/supply-consent";
import type { BillingDeps } from "../deps";
import { lockOwner } from "../owner";
import type { SoldPrice } from "../prices/prices";
import { hasHadTrial } from "../purchases/trial";
import { callStripe, isMissing } from "../stripe/call-stripe";
import { stripeLocale } from "../stripe/locale";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { idOf, instantOf } from "../stripe/values";

/** A page that expires sooner is not reused. */
const MIN_REMAINING_MS = 10 * millisecondsInMinute;

/** Items that a user holds at most once. */
const HELD_ONCE_ITEMS = ITEMS.filter(({ kind }) => kind !== "pack").map(({ id }) => id);

/** A purchase that a user starts. */
export interface Purchase {
  readonly userId: string;
  readonly item: Item;
  /** The item's price today. */
  readonly price: SoldPrice;
  /** One of the item's currencies. */
  readonly currency: string;
  /** The locale of Stripe's page. */
  readonly locale: Locale;
  /** The days of the trial that the subscription begins with; null without one. */
  readonly trialDays: number | null;
  /** The consent to immediate supply; null if none is collected. */
  readonly consent: SupplyConsent | null;
  readonly now: Date;
}

/** A page that can be shown again, or a page that is complete and whose event has not arrived. */
export type OpenSession = { readonly id: string; readonly url: string } | "complete" | null;

/**
 * The user's payment page for the same item, price, currency, trial and locale if it is still open at
 * Stripe, or null.
 */
export async function findOpenSession(
  billing: BillingDeps,
  { userId, item, price, currency, locale, trialDays, now }: Purchase,
): Promise<OpenSession> {
  const [latest] = await billing.db
    .select({ id: checkoutSession.id })
    .from(checkoutSession)
    .where(
      and(
        eq(checkoutSession.userId, userId),
        eq(checkoutSession.item, item.id),
        inArray(checkoutSession.status, ["open", "complete"]),
        gt(checkoutSession.expiresAt, new Date(now.getTime() + MIN_REMAINING_MS)),
      ),
    )
    .orderBy(desc(checkoutSession.createdAt))
    .limit(1);
  if (latest === undefined) return null;
  const session = await retrieveSession(billing, latest.id);
  if (session === null) return null;
  if (session.status === "complete") return "complete";
  const isSamePage =
    session.line_items?.data[0]?.price?.id === price.priceId &&
    session.currency === currency &&
    session.locale === stripeLocale(locale) &&
    session.metadata?.trialDays === trialDays?.toString();
  if (session.status !== "open" || session.url === null || !isSamePage) return null;
  return { id: session.id, url: session.url };
}

/** Null if Stripe has no such session, for example after a change of the account's keys. */
async function retrieveSession(
  billing: BillingDeps,
  id: string,
): Promise<Stripe.Checkout.Session | null> {
  try {
    return await callStripe(() =>
      billing.stripe.checkout.sessions.retrieve(id, { expand: ["line_items"] }),
    );
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export interface RecordedSession {
  /**
   * `stale`: another tab has closed the known session, or its trial has been used. `refused`: the
   * account has been deleted.
   */
  readonly outcome: "open" | "stale" | "refused";
  /** Outbox keys of the Stripe calls that close superseded pages. */
  readonly callKeys: readonly string[];
}

/**
 * Records a session that we opened. A session for an item that may be held once supersedes the user's
 * other open sessions for such items, in any locale. Locks the user's row, so that exactly one of two
 * concurrent sessions stays open. Closes the session of a deleted account.
 */
export async function recordSession(
  billing: BillingDeps,
  opened: Purchase & { session: Stripe.Checkout.Session; url: string },
): Promise<RecordedSession> {
  const { userId, item, trialDays, session, url, now } = opened;
  return billing.db.transaction(async (tx) => {
    const isDeleted = (await lockOwner(tx, userId)) !== null;
    const customerId = idOf(session.customer);
    const isTrialUsed = trialDays !== null && (await hasHadTrial(tx, { userId, customerId }));
    const inserted = await tx
      .insert(checkoutSession)
      .values({
        id: session.id,
        userId,
        item: item.id,
        status: isDeleted || isTrialUsed ? "superseded" : "open",
        url,
        expiresAt: instantOf(session.expires_at),
        createdAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: checkoutSession.id });
    if (isDeleted) {
      const callKeys = await closeAtStripe(tx, { userId, ids: [session.id], now });
      return { outcome: "refused", callKeys };
    }
    if (isTrialUsed) {
      return {
        outcome: "stale",
        callKeys: await closeAtStripe(tx, { userId, ids: [session.id], now }),
      };
    }
    if (inserted.length === 0 && !(await isOpen(tx, session.id))) {
      return { outcome: "stale", callKeys: [] };
    }
    const { consent } = opened;
    if (consent !== null) await recordConsent(tx, { ...opened, consent, sessionId: session.id });
    if (!HELD_ONCE_ITEMS.includes(item.id)) return { outcome: "open", callKeys: [] };
    const callKeys = await supersede(tx, { userId, except: session.id, now });
    return { outcome: "open", callKeys };
  });
}

/**
 * Closes the user's open sessions for items that may be held once. Returns the outbox keys of the
 * Stripe calls.
 */
export async function closeOpenSessions(
  billing: BillingDeps,
  { userId, now }: { userId: string; now: Date },
): Promise<string[]> {
  return billing.db.transaction(async (tx) => {
    await lockOwner(tx, userId);
    return supersede(tx, { userId, except: null, now });
  });
}

async function supersede(
  tx: Transaction,
  { userId, except, now }: { userId: string; except: string | null; now: Date },
): Promise<string[]> {
  const superseded = await tx
    .update(checkoutSession)
    .set({ status: "superseded" })
    .where(
      and(
        eq(checkoutSession.userId, userId),
        inArray(checkoutSession.item, HELD_ONCE_ITEMS),
        eq(checkoutSession.status, "open"),
        except === null ? undefined : ne(checkoutSession.id, except),
      ),
    )
    .returning({ id: checkoutSession.id });
  return closeAtStripe(tx, { userId, ids: superseded.map(({ id }) => id), now });
}

async function isOpen(tx: Transaction, id: string): Promise<boolean> {
  const [row] = await tx
    .select({ status: checkoutSession.status })
    .from(checkoutSession)
    .where(eq(checkoutSession.id, id));
  return row?.status === "open";
}

async function closeAtStripe(
  tx: Transaction,
  { userId, ids, now }: { userId: string; ids: readonly string[]; now: Date },
): Promise<string[]> {
  const keys: string[] = [];
  for (const sessionId of ids) {
    const key = `checkout:${sessionId}:expire`;
    await enqueueStripeCall(tx, { key, userId, call: { do: "expire-session", sessionId }, now });
    keys.push(key);
  }
  return keys;
}
