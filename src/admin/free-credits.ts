import { and, desc, eq, gte, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor, Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { freeCreditClaim, freeCreditsReason } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import { dayName, wholeDays } from "@/lib/utc-period";
import { findClaim } from "@/rewards/claims";
import { releaseWithheldCredits } from "@/rewards/free-credits";
import { type Audited, auditedInput, auditReason, recordAudit, targetId } from "./audit";
import { keysetPage, type Page, toPage } from "./lists/keyset";
import { pageFields, searchText } from "./lists/query-fields";
import { readEmails } from "./users/emails";
import { type CreditEffect, rehearseCredits } from "./users/rehearse-credits";

export const REASON_FILTERS = ["any", ...freeCreditsReason.enumValues] as const;
export const RELEASE_FILTERS = ["any", "withheld", "released"] as const;
/** Days of the list of networks. */
export const NETWORK_DAYS = 7;
const NETWORKS = 20;

export const freeCreditsQuery = z.object({
  q: searchText,
  reason: z.enum(REASON_FILTERS).catch("any"),
  state: z.enum(RELEASE_FILTERS).catch("any"),
  ...pageFields,
});
export type FreeCreditsFilter = z.output<typeof freeCreditsQuery>;

export type WithheldClaim = typeof freeCreditClaim.$inferSelect & { readonly cursorAt: string };

/** The sign-ups of a network on a UTC day. */
export interface NetworkDay {
  readonly day: string;
  /** Null: unknown or loopback. */
  readonly networkHash: string | null;
  readonly signUps: number;
  /** Gifts granted so far, also after the day. */
  readonly gifts: number;
}

/** One page of what was withheld, the busiest networks and the emails of the people on the page. */
export async function readFreeCreditsPage(
  reader: Executor,
  { filter, now }: { filter: FreeCreditsFilter; now: Date },
) {
  const [page, networks] = await Promise.all([
    listWithheld(reader, filter),
    listNetworkDays(reader, now),
  ]);
  const userIds = page.rows.flatMap(({ userId, releasedBy }) => [userId, releasedBy]);
  return { page, networks, emails: await readEmails(reader, userIds) };
}

/** One page of the accounts from which something was withheld. `q` matches a user id or a network. */
async function listWithheld(
  reader: Executor,
  filter: FreeCreditsFilter,
): Promise<Page<WithheldClaim & { readonly id: string }>> {
  const { claimedAt, userId, networkHash, reason } = freeCreditClaim;
  const order = { at: claimedAt, id: userId, ids: "asc" } as const;
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(order, filter);
  const found = await reader
    .select({ claim: freeCreditClaim, cursorAt })
    .from(freeCreditClaim)
    .where(
      and(
        pastCursor,
        isNotNull(reason),
        filter.q === "" ? undefined : or(eq(userId, filter.q), eq(networkHash, filter.q)),
        filter.reason === "any" ? undefined : eq(reason, filter.reason),
        stateCondition(filter.state),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  const rows = found.map(({ claim, cursorAt: at }) => ({
    ...claim,
    id: claim.userId,
    cursorAt: at,
  }));
  return toPage(rows, filter);
}

function stateCondition(state: FreeCreditsFilter["state"]): SQL | undefined {
  const { giftAt, monthsFromAt, deletedAt, releasedAt } = freeCreditClaim;
  if (state === "released") return isNotNull(releasedAt);
  if (state === "withheld") return and(isNull(deletedAt), or(isNull(giftAt), isNull(monthsFromAt)));
  return undefined;
}

/** Sign-ups and gifts of the last days, the networks with the most first. */
async function listNetworkDays(reader: Executor, now: Date): Promise<NetworkDay[]> {
  const { day, networkHash, giftAt } = freeCreditClaim;
  const signUps = sql<number>`count(*)`.mapWith(Number);
  return reader
    .select({ day, networkHash, signUps, gifts: sql<number>`count(${giftAt})`.mapWith(Number) })
    .from(freeCreditClaim)
    .where(gte(day, dayName(wholeDays(now, NETWORK_DAYS).from)))
    .groupBy(day, networkHash)
    .orderBy(desc(signUps), desc(day), networkHash)
    .limit(NETWORKS);
}

export const releaseInput = auditedInput.extend({ userId: targetId, reason: auditReason });

/**
 * Grants an account everything that is withheld from it, with a reason. A resubmitted form (`id`) acts
 * once. Locks the user's row, the person's hash and the account.
 * @throws NotFound, InvalidInput if nothing is withheld, IdempotencyConflict
 */
export async function releaseFreeCredits(
  db: Database,
  { id, userId, reason, actorId, now }: Audited<typeof releaseInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    if ((await lockUser(tx, userId)) === null) throw new NotFound("user");
    const claim = await findClaim(tx, userId);
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "free-credits.release",
      targetUserId: userId,
      reason,
      before: {
        withheld: claim?.reason ?? null,
        giftAt: claim?.giftAt?.toISOString() ?? null,
        monthsFromAt: claim?.monthsFromAt?.toISOString() ?? null,
      },
      after: { releasedAt: now.toISOString() },
      now,
    });
    if (!isNew) return;
    await release(tx, { userId, adminId: actorId, now });
  });
}

export const releasePreviewInput = z.object({ userId: targetId });

/**
 * Returns what a release would grant now. Writes nothing.
 * @throws NotFound, InvalidInput if nothing is withheld
 */
export async function previewRelease(
  db: Database,
  { userId, adminId, now }: { userId: string; adminId: string; now: Date },
): Promise<CreditEffect> {
  return rehearseCredits(db, {
    userId,
    now,
    async write(tx) {
      if ((await lockUser(tx, userId)) === null) throw new NotFound("user");
      await release(tx, { userId, adminId, now });
    },
  });
}

async function release(
  tx: Transaction,
  { userId, adminId, now }: { userId: string; adminId: string; now: Date },
): Promise<void> {
  const isReleased = await releaseWithheldCredits(tx, { userId, adminId, now });
  if (!isReleased) throw new InvalidInput("Nothing is withheld from this account.");
}
