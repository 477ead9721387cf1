import { and, eq, isNull } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { user } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import type { BillingDeps } from "../deps";
import { askStripe, withFreshIdempotencyKey } from "../stripe/ask-stripe";
import { localeOf, stripeLocale } from "../stripe/locale";

/**
 * The user's one Stripe customer, made at the first purchase. Two requests at once make one: the
 * idempotency key is the user's, so both are answered with the same customer, and the row is claimed
 * by the first. The creation carries nothing that can change (an e-mail address does), because a key
 * used again with other parameters is refused by Stripe.
 */
export async function ensureCustomer(billing: BillingDeps, userId: string): Promise<string> {
  const owner = await readOwner(billing.db, userId);
  return owner.stripeCustomerId ?? makeCustomer(billing, { userId, gone: null });
}

/**
 * A new customer in place of one that Stripe no longer has (deleted in the dashboard). The key names
 * the one that is gone, so that this too happens once.
 */
export async function replaceCustomer(
  billing: BillingDeps,
  { userId, gone }: { userId: string; gone: string },
): Promise<string> {
  const owner = await readOwner(billing.db, userId);
  if (owner.stripeCustomerId !== null && owner.stripeCustomerId !== gone) {
    return owner.stripeCustomerId;
  }
  return makeCustomer(billing, { userId, gone });
}

async function makeCustomer(
  billing: BillingDeps,
  { userId, gone }: { userId: string; gone: string | null },
): Promise<string> {
  const owner = await readOwner(billing.db, userId);
  const key = gone === null ? `customer:${userId}` : `customer:${userId}:after:${gone}`;
  const customer = await withFreshIdempotencyKey({ key, now: billing.clock() }, (options) =>
    billing.stripe.customers.create({ metadata: { userId } }, options),
  );
  await askStripe(() =>
    billing.stripe.customers.update(customer.id, {
      email: owner.email,
      name: owner.name,
      preferred_locales: [stripeLocale(localeOf(owner.locale))],
    }),
  );
  const claimed = await billing.db
    .update(user)
    .set({ stripeCustomerId: customer.id })
    .where(
      and(
        eq(user.id, userId),
        gone === null ? isNull(user.stripeCustomerId) : eq(user.stripeCustomerId, gone),
      ),
    )
    .returning({ id: user.id });
  if (claimed.length > 0) return customer.id;
  const after = await readOwner(billing.db, userId);
  return after.stripeCustomerId ?? customer.id;
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
