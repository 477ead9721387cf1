import { eq, inArray, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor, Transaction } from "@/db/client";
import { checkoutSession, payment, subscription, user } from "@/db/schema";
import { dead, type Outcome } from "./effect";
import type { EventEnvelope } from "./inbox/event-envelope";
import type { Recipient } from "./purchases/receipts";

/** What Stripe tells about whose something is. */
export interface OwnerHints {
  readonly customerId: string | null;
  readonly sessionId?: string | null;
  readonly subscriptionId?: string | null;
  /** User ids that we wrote into Stripe's objects ourselves: reference ids and metadata. */
  readonly claims: readonly (string | null | undefined)[];
}

export type Resolution =
  | {
      readonly userId: string;
      /** Whether the customer is remembered as this user's already. */
      readonly isCustomerStored: boolean;
      /** When the account was deleted; null if it stands. */
      readonly deletedAt: Date | null;
      /** Whom to write to; null for a deleted account. */
      readonly addressee: Recipient | null;
    }
  | { readonly refused: Outcome };

/**
 * Whose purchase it is: the user with the stored customer id; if nobody has it, the owner of the
 * subscription or session we know, or whom our own metadata names. Where two of these name different
 * users the event is dead at once and nobody is credited, and so it is when none names anybody.
 *
 * Locks the user's row, so that the account is not deleted meanwhile (`lock-owner.ts`). One statement
 * looks up, locks and reads.
 */
export async function resolveUser(tx: Transaction, ownerHints: OwnerHints): Promise<Resolution> {
  const claimed = ownerHints.claims.filter((claim) => claim !== null && claim !== undefined);
  const rows = await lockNamed(tx, ownerHints, claimed);
  const stored = rows.filter(({ by }) => by !== "claim").map((row) => row.userId);
  const named = new Set([...stored, ...claimed]);
  const [userId] = named;
  if (userId === undefined) return { refused: dead("ours, but nothing in it tells whose it is") };
  if (named.size > 1) {
    return { refused: dead(`contradicted: it names the users ${[...named].join(", ")}`) };
  }
  const [owner] = rows;
  if (owner === undefined) {
    return { refused: dead(`it names the user ${userId}, whom nobody knows`) };
  }
  const isCustomerStored = rows.some(({ by }) => by === "customer");
  const { deletedAt } = owner;
  return { userId, isCustomerStored, deletedAt, addressee: deletedAt === null ? owner : null };
}

type OwnerHint = "customer" | "subscription" | "session" | "claim";

/** Whom our tables name by these hints, and which of the claimed users exist; their rows are locked. */
async function lockNamed(tx: Transaction, ownerHints: OwnerHints, claimed: string[]) {
  const ownerHint = namedBy(tx, ownerHints, claimed).as("witness");
  return tx
    .select({
      userId: user.id,
      by: ownerHint.by,
      deletedAt: user.deletedAt,
      name: user.name,
      email: user.email,
      locale: user.locale,
      timeZone: user.timeZone,
    })
    .from(ownerHint)
    .innerJoin(user, eq(user.id, ownerHint.userId))
    .for("no key update", { of: user });
}

function namedBy(
  reader: Executor,
  { customerId, sessionId, subscriptionId }: OwnerHints,
  claimed: string[],
) {
  const by = (ownerHint: OwnerHint) => sql<OwnerHint>`${ownerHint}::text`.as("by");
  // Empty strings are nobody's id: what is not known finds nothing.
  return reader
    .select({ userId: user.id, by: by("customer") })
    .from(user)
    .where(eq(user.stripeCustomerId, customerId ?? ""))
    .unionAll(
      reader
        .select({ userId: subscription.userId, by: by("subscription") })
        .from(subscription)
        .where(
          or(
            eq(subscription.id, subscriptionId ?? ""),
            eq(subscription.customerId, customerId ?? ""),
          ),
        ),
    )
    .unionAll(
      reader
        .select({ userId: checkoutSession.userId, by: by("session") })
        .from(checkoutSession)
        .where(eq(checkoutSession.id, sessionId ?? "")),
    )
    .unionAll(
      reader
        .select({ userId: user.id, by: by("claim") })
        .from(user)
        .where(inArray(user.id, claimed)),
    );
}

/** Whether an event's object, or the customer it names, is something we have stored. */
export async function isKnownObject(reader: Executor, event: EventEnvelope): Promise<boolean> {
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
