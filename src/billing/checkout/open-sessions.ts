import { and, desc, eq, gt, inArray, ne } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { checkoutSession } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { LifetimeHeld } from "../errors";
import { lockOwner } from "../lock-owner";
import { askStripe, isMissing } from "../stripe/ask-stripe";
import { stripeLocale } from "../stripe/locale";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { instantOf } from "../stripe/stripe-ids";
import type { Purchase } from "./purchase";

/** A page that closes sooner than this is not worth sending anyone to. */
const MIN_LEFT_MS = 10 * 60_000;

const SUBSCRIPTION_ITEMS = ["pro-monthly", "pro-yearly"];

/**
 * The user's open payment page for the same thing at today's price and in the same language, if
 * Stripe says it is still open. Throws LifetimeHeld if one for a lifetime was completed a moment ago
 * (or waits for a slow payment): its event is on the way.
 */
export async function findOpenSession(
  billing: BillingDeps,
  { userId, item, locale, now }: Purchase,
): Promise<{ url: string } | null> {
  const [latest] = await billing.db
    .select({ id: checkoutSession.id })
    .from(checkoutSession)
    .where(
      and(
        eq(checkoutSession.userId, userId),
        eq(checkoutSession.item, item.id),
        inArray(checkoutSession.status, ["open", "complete"]),
        gt(checkoutSession.expiresAt, new Date(now.getTime() + MIN_LEFT_MS)),
      ),
    )
    .orderBy(desc(checkoutSession.createdAt))
    .limit(1);
  if (latest === undefined) return null;
  const session = await retrieve(billing, latest.id);
  if (session === null) return null;
  if (session.status === "complete" && item.kind === "lifetime") {
    throw new LifetimeHeld();
  }
  const samePrice =
    session.line_items?.data[0]?.price?.id === billing.prices.priceOf(item.id) &&
    session.locale === stripeLocale(locale);
  return session.status === "open" && session.url !== null && samePrice
    ? { url: session.url }
    : null;
}

/** Null if Stripe has no such session (any more), as after the account's keys were changed. */
async function retrieve(billing: BillingDeps, id: string): Promise<Stripe.Checkout.Session | null> {
  try {
    return await askStripe(() =>
      billing.stripe.checkout.sessions.retrieve(id, { expand: ["line_items"] }),
    );
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export interface RecordedSession {
  /**
   * `stale`: it had been opened before, and another tab's page has closed it since. `refused`: the
   * account was deleted meanwhile.
   */
  readonly became: "open" | "stale" | "refused";
  /** The keys of the calls that close at Stripe what is not to be paid any more. */
  readonly closing: readonly string[];
}

/**
 * Remembers a session we opened. A subscription's supersedes the user's other open ones: the user's
 * row is locked meanwhile, so that of two opened at once exactly the later stays open. A session
 * opened for an account that is deleted by then is closed again.
 */
export async function recordSession(
  billing: BillingDeps,
  opened: Purchase & { session: Stripe.Checkout.Session; url: string },
): Promise<RecordedSession> {
  const { userId, item, session, url, now } = opened;
  return billing.db.transaction(async (tx) => {
    const isDeleted = (await lockOwner(tx, userId)) !== null;
    const inserted = await tx
      .insert(checkoutSession)
      .values({
        id: session.id,
        userId,
        item: item.id,
        status: isDeleted ? "superseded" : "open",
        url,
        expiresAt: instantOf(session.expires_at),
        createdAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: checkoutSession.id });
    if (isDeleted) {
      const closing = await closeAtStripe(tx, { userId, ids: [session.id], now });
      return { became: "refused", closing };
    }
    if (inserted.length === 0 && !(await isOpen(tx, session.id))) {
      return { became: "stale", closing: [] };
    }
    if (item.kind !== "subscription") return { became: "open", closing: [] };
    const superseded = await tx
      .update(checkoutSession)
      .set({ status: "superseded" })
      .where(
        and(
          eq(checkoutSession.userId, userId),
          inArray(checkoutSession.item, SUBSCRIPTION_ITEMS),
          eq(checkoutSession.status, "open"),
          ne(checkoutSession.id, session.id),
        ),
      )
      .returning({ id: checkoutSession.id });
    const ids = superseded.map(({ id }) => id);
    return { became: "open", closing: await closeAtStripe(tx, { userId, ids, now }) };
  });
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
