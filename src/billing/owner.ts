import { and, eq, inArray, isNull, or, sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { checkoutSession, subscription, user } from "@/db/schema";
import { storableText } from "@/lib/storable-text";
import { dead, ignored, type Outcome } from "./effect";
import type { Recipient } from "./purchases/receipts";

/** What Stripe's objects say about their owner. */
export interface OwnerHints {
  readonly customerId: string | null;
  readonly sessionId?: string | null;
  readonly subscriptionId?: string | null;
  /** User ids that we wrote into Stripe's objects: reference ids and metadata. */
  readonly claims: readonly (string | null | undefined)[];
}

export type Resolution =
  | {
      readonly userId: string;
      /** Whether the customer is already stored as this user's. */
      readonly isCustomerStored: boolean;
      /** When the account was deleted; null while it exists. */
      readonly deletedAt: Date | null;
      /** Null for a deleted account. */
      readonly recipient: Recipient | null;
    }
  | { readonly refused: Outcome };

/**
 * Finds the owner of a purchase and locks their row until COMMIT (see `lockOwner`). The owner is the
 * user with the stored customer, session or subscription, or else the one our own metadata names.
 * Hints that name two users, or none, make the event a dead letter: nobody is credited.
 */
export async function resolveUser(tx: Transaction, hints: OwnerHints): Promise<Resolution> {
  const claimed = hints.claims
    .filter((claim) => claim !== null && claim !== undefined)
    .map(storableText);
  const rows = await lockCandidates(tx, hints, claimed);
  const stored = rows.filter(({ by }) => by !== "claim").map((row) => row.userId);
  const named = new Set([...stored, ...claimed]);
  const [userId] = named;
  if (userId === undefined) return { refused: dead("ours, but nothing names its owner") };
  if (named.size > 1) {
    return { refused: dead(`contradictory owners: ${[...named].join(", ")}`) };
  }
  const [owner] = rows;
  if (owner === undefined) return { refused: dead(`names user ${userId}, who does not exist`) };
  const isCustomerStored = rows.some(({ by }) => by === "customer");
  const { deletedAt } = owner;
  return { userId, isCustomerStored, deletedAt, recipient: deletedAt === null ? owner : null };
}

/**
 * Like `resolveUser`, for an object without one of our prices. It is ours if its customer, session or
 * subscription is stored here; a stranger's object is ignored. Metadata alone does not make it ours,
 * because another product on the same Stripe account may write it.
 */
export async function resolveKnownUser(tx: Transaction, hints: OwnerHints): Promise<Resolution> {
  const known = await selectCandidates(tx, hints, []).limit(1);
  if (known.length === 0) return { refused: ignored("contains none of our prices") };
  return resolveUser(tx, hints);
}

/** The user whose customer this is, without a lock; null for a stranger's. */
export async function findCustomerOwner(
  reader: Executor,
  customerId: string | null,
): Promise<string | null> {
  const [owner] = await selectCandidates(reader, { customerId, claims: [] }, []).limit(1);
  return owner?.userId ?? null;
}

/** The outcome for our own purchase at unknown prices. An admin adds the prices, then replays. */
export function unknownPrice(priceIds: readonly string[], userId: string): Outcome {
  const named = [...new Set(priceIds)].join(", ");
  return dead(`ours, but the catalogue lacks its price ${named}`, userId);
}

/** Locks the user's row (see `lockUser`) and returns when the account was deleted, or null. */
export async function lockOwner(tx: Transaction, userId: string): Promise<Date | null> {
  return (await lockUser(tx, userId))?.deletedAt ?? null;
}

/** Stores the customer of a user who has none, so that later events need no metadata. */
export async function linkStripeCustomer(
  tx: Transaction,
  { userId, customerId }: { userId: string; customerId: string | null },
): Promise<void> {
  if (customerId === null) return;
  await tx
    .update(user)
    .set({ stripeCustomerId: customerId })
    .where(and(eq(user.id, userId), isNull(user.stripeCustomerId)));
}

type HintKind = "customer" | "subscription" | "session" | "claim";

/** Looks up, locks and reads every user that our tables or the claims name, in one statement. */
async function lockCandidates(tx: Transaction, hints: OwnerHints, claimed: string[]) {
  const candidate = selectCandidates(tx, hints, claimed).as("candidate");
  return tx
    .select({
      userId: user.id,
      by: candidate.by,
      deletedAt: user.deletedAt,
      email: user.email,
      locale: user.locale,
      timeZone: user.timeZone,
    })
    .from(candidate)
    .innerJoin(user, eq(user.id, candidate.userId))
    .for("no key update", { of: user });
}

function selectCandidates(
  reader: Executor,
  { customerId, sessionId, subscriptionId }: OwnerHints,
  claimed: string[],
) {
  const by = (kind: HintKind) => sql<HintKind>`${kind}::text`.as("by");
  // A missing hint becomes the empty string, which matches no id.
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
