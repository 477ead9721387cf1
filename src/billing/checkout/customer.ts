import { and, eq, isNull } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { user } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { localeOf } from "@/lib/locales";
import type { BillingDeps } from "../deps";
import { callStripe, withFreshIdempotencyKey } from "../stripe/call-stripe";
import { stripeLocale } from "../stripe/locale";

/**
 * Returns the user's Stripe customer, created at the first purchase. Concurrent requests create one,
 * because the idempotency key is per user. The request carries nothing that can change, such as the
 * email address: Stripe refuses a key with other parameters.
 */
export async function ensureCustomer(billing: BillingDeps, userId: string): Promise<string> {
  const owner = await readOwner(billing.db, userId);
  return owner.stripeCustomerId ?? createCustomer(billing, { userId, missing: null });
}

/**
 * Replaces a customer that Stripe no longer has (deleted in the dashboard). The key contains the
 * missing customer's id, so concurrent requests create one replacement.
 */
export async function replaceCustomer(
  billing: BillingDeps,
  { userId, missing }: { userId: string; missing: string },
): Promise<string> {
  const owner = await readOwner(billing.db, userId);
  if (owner.stripeCustomerId !== null && owner.stripeCustomerId !== missing) {
    return owner.stripeCustomerId;
  }
  return createCustomer(billing, { userId, missing });
}

async function createCustomer(
  billing: BillingDeps,
  { userId, missing }: { userId: string; missing: string | null },
): Promise<string> {
  const owner = await readOwner(billing.db, userId);
  const key = missing === null ? `customer:${userId}` : `customer:${userId}:after:${missing}`;
  const customer = await withFreshIdempotencyKey({ key, now: billing.clock() }, (options) =>
    billing.stripe.customers.create({ metadata: { userId } }, options),
  );
  await callStripe(() =>
    billing.stripe.customers.update(customer.id, {
      email: owner.email,
      name: owner.name,
      preferred_locales: [stripeLocale(localeOf(owner.locale))],
    }),
  );
  const stored = await billing.db
    .update(user)
    .set({ stripeCustomerId: customer.id })
    .where(
      and(
        eq(user.id, userId),
        missing === null ? isNull(user.stripeCustomerId) : eq(user.stripeCustomerId, missing),
      ),
    )
    .returning({ id: user.id });
  if (stored.length > 0) return customer.id;
  const winner = await readOwner(billing.db, userId);
  return winner.stripeCustomerId ?? customer.id;
}

async function readOwner(reader: Executor, userId: string) {
  const [owner] = await reader
    .select({
      email: user.email,
      name: user.name,
      locale: user.locale,
      stripeCustomerId: user.stripeCustomerId,
    })
    .from(user)
    .where(and(eq(user.id, userId), isNull(user.deletedAt)));
  if (owner === undefined) throw new NotFound("user");
  return owner;
}
