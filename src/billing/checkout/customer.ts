import { and, eq, isNull } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { user } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { localeOf } from "@/lib/locales";
import type { BillingDeps } from "../deps";
import { callStripe, withFreshIdempotencyKey } from "../stripe/call-stripe";
import { stripeLocale } from "../stripe/locale";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { enqueueCustomerErasure } from "../subscriptions/close-billing";

/**
 * Returns the user's Stripe customer, created at the first purchase. Concurrent requests create one,
 * because the idempotency key is per user. The request carries nothing that can change, such as the
 * email address: Stripe refuses a key with other parameters.
 * @throws NotFound if the account is deleted, even while the customer is being created
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
  const stored = await billing.db.transaction((tx) =>
    storeCustomer(tx, { userId, missing, customerId: customer.id, now: billing.clock() }),
  );
  if (stored === null) throw new NotFound("user");
  return stored;
}

/**
 * Stores a new customer and returns the user's customer, which may be one that a concurrent request
 * stored first. If the account has been deleted, returns null and deletes the new customer at Stripe.
 * Locks the user's row.
 */
async function storeCustomer(
  tx: Transaction,
  created: { userId: string; missing: string | null; customerId: string; now: Date },
): Promise<string | null> {
  const { userId, missing, customerId, now } = created;
  const owner = await lockUser(tx, userId);
  if (owner === null || owner.deletedAt !== null) {
    if (owner?.stripeCustomerId === customerId) {
      // This request may have filled in the name after the deletion removed it.
      await enqueueCustomerErasure(tx, { userId, customerId, cause: "late customer", now });
      return null;
    }
    const call = { do: "delete-customer", customerId } as const;
    await enqueueStripeCall(tx, { key: `customer:${customerId}:delete`, userId, call, now });
    return null;
  }
  if (owner.stripeCustomerId !== missing) return owner.stripeCustomerId ?? customerId;
  await tx.update(user).set({ stripeCustomerId: customerId }).where(eq(user.id, userId));
  return customerId;
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
