import { and, desc, eq, gt, inArray, ne } from "drizzle-orm";
import type Stripe from "stripe";
import { checkoutSession, user } from "@/db/schema";
import { askStripe } from "./ask-stripe";
import type { Billing } from "./context";
import { LifetimeHeld } from "./errors";
import type { Purchase } from "./purchase";
import { instantOf } from "./stripe-ids";
import { stripeLocale } from "./stripe-locale";
import { enqueueStripeCall } from "./stripe-outbox";

/** A page that closes sooner than this is not worth sending anyone to. */
const MIN_LEFT_MS = 10 * 60_000;

const SUBSCRIPTION_ITEMS = ["pro-monthly", "pro-yearly"];

/**
 * The user's open payment page for the same thing at today's price and in the same language, if
 * Stripe says it is still open. Throws LifetimeHeld if one for a lifetime was completed a moment ago
 * (or waits for a slow payment): its event is on the way.
 */
export async function findOpenSession(
  billing: Billing,
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
  const session = await askStripe(() =>
    billing.stripe.checkout.sessions.retrieve(latest.id, { expand: ["line_items"] }),
  );
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

/**
 * Remembers a session we opened. A subscription's supersedes the user's other open ones: the user's
 * row is locked meanwhile, so that of two opened at once exactly the later stays open. Answers the
 * keys of the calls that close them at Stripe.
 */
export async function recordSession(
  billing: Billing,
  opened: Purchase & { session: Stripe.Checkout.Session; url: string },
): Promise<string[]> {
  const { userId, item, session, url, now } = opened;
  return billing.db.transaction(async (tx) => {
    await tx.select({ id: user.id }).from(user).where(eq(user.id, userId)).for("update");
    await tx
      .insert(checkoutSession)
      .values({
        id: session.id,
        userId,
        item: item.id,
        status: "open",
        url,
        expiresAt: instantOf(session.expires_at),
        createdAt: now,
      })
      .onConflictDoNothing();
    if (item.kind !== "subscription") return [];
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
    const keys: string[] = [];
    for (const { id } of superseded) {
      const key = `checkout:${id}:expire`;
      await enqueueStripeCall(tx, {
        key,
        userId,
        call: { do: "expire-session", sessionId: id },
        now,
      });
      keys.push(key);
    }
    return keys;
  });
}
