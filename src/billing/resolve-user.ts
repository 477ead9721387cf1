import { eq, inArray, or } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { checkoutSession, payment, subscription, user } from "@/db/schema";
import { dead, type Outcome } from "./effect";
import type { EventEnvelope } from "./event-envelope";

/** What Stripe tells about whose something is. */
export interface Evidence {
  readonly customerId: string | null;
  readonly sessionId?: string | null;
  readonly subscriptionId?: string | null;
  /** User ids that we wrote into Stripe's objects ourselves: reference ids and metadata. */
  readonly claims: readonly (string | null | undefined)[];
}

export type Resolution = { readonly userId: string } | { readonly refused: Outcome };

/**
 * Whose purchase it is: the user with the stored customer id; if nobody has it, the owner of the
 * subscription or session we know, or whom our own metadata names. Where two of these name different
 * users the event is dead at once and nobody is credited, and so it is when none names anybody.
 */
export async function resolveUser(reader: Reader, evidence: Evidence): Promise<Resolution> {
  const stored = await storedOwners(reader, evidence);
  const claimed = evidence.claims.filter((claim) => claim !== null && claim !== undefined);
  const named = new Set([...stored, ...claimed]);
  const [userId] = named;
  if (userId === undefined) return { refused: dead("ours, but nothing in it tells whose it is") };
  if (named.size > 1) {
    return { refused: dead(`contradicted: it names the users ${[...named].join(", ")}`) };
  }
  const [known] = await reader.select({ id: user.id }).from(user).where(eq(user.id, userId));
  if (known === undefined)
    return { refused: dead(`it names the user ${userId}, whom nobody knows`) };
  return { userId };
}

async function storedOwners(reader: Reader, evidence: Evidence): Promise<string[]> {
  const { customerId, sessionId, subscriptionId } = evidence;
  const owners: string[] = [];
  if (customerId !== null) {
    const rows = await reader
      .select({ userId: user.id })
      .from(user)
      .where(eq(user.stripeCustomerId, customerId));
    owners.push(...rows.map((row) => row.userId));
  }
  if (subscriptionId || customerId) {
    const rows = await reader
      .selectDistinct({ userId: subscription.userId })
      .from(subscription)
      .where(
        or(
          subscriptionId ? eq(subscription.id, subscriptionId) : undefined,
          customerId ? eq(subscription.customerId, customerId) : undefined,
        ),
      );
    owners.push(...rows.map((row) => row.userId));
  }
  if (sessionId) {
    const rows = await reader
      .select({ userId: checkoutSession.userId })
      .from(checkoutSession)
      .where(eq(checkoutSession.id, sessionId));
    owners.push(...rows.map((row) => row.userId));
  }
  return owners;
}

/** Whether an event's object, or the customer it names, is something we have stored. */
export async function isKnownObject(reader: Reader, event: EventEnvelope): Promise<boolean> {
  const { object } = event.data;
  const customer = z.string().safeParse(object.customer);
  const ids = [object.id, customer.data].filter((id) => id !== undefined);
  if (ids.length === 0) return false;
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
      .where(
        or(
          inArray(
            payment.id,
            ids.flatMap((id) => [`checkout:${id}`, `invoice:${id}`]),
          ),
          inArray(payment.paymentIntentId, ids),
        ),
      )
      .limit(1),
  ]);
  return found.some((rows) => rows.length > 0);
}
