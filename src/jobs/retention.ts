import { subDays, subMilliseconds } from "date-fns";
import { and, inArray, isNotNull, lt, ne, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { SIGN_IN_EVENT_RETENTION_DAYS } from "@/auth/sign-in-events";
import type { Database } from "@/db/client";
import {
  freeCreditClaim,
  outbox,
  session,
  signInEvent,
  verification,
  withdrawal,
} from "@/db/schema";
import { pruneSignals } from "@/ledger/signals";
import { clockOffsetMs } from "@/lib/clock";
import { dayName, monthsAfter } from "@/lib/utc-period";
import { CLAIM_RETENTION_MONTHS } from "@/rewards/free-credits-rule";
import type { Tick } from "./tick";

export const OUTBOX_RETENTION_DAYS = 90;
/** As in the function `audit_prune_access`. */
export const ADMIN_ACCESS_DAYS = 365;
export const NETWORK_RETENTION_DAYS = 90;
/** The usual limitation period for a claim about a withdrawal. */
export const WITHDRAWAL_RETENTION_MONTHS = 36;
/** A signal is deleted when it is handled. One that cannot be handled is of no use after a month. */
export const SIGNAL_RETENTION_DAYS = 30;
const BATCH_SIZE = 1000;

/** Deletes the sessions that have expired. Returns whether it finished before the deadline. */
export async function deleteExpiredSessions(db: Database, tick: Tick): Promise<boolean> {
  return deleteExpired(db, { table: session, id: session.id, expiresAt: session.expiresAt }, tick);
}

/** Deletes the tokens of links and sign-ins that have expired; see `deleteExpiredSessions`. */
export async function deleteExpiredVerifications(db: Database, tick: Tick): Promise<boolean> {
  const { id, expiresAt } = verification;
  return deleteExpired(db, { table: verification, id, expiresAt }, tick);
}

/**
 * Trims delivered and closed emails, alerts and webhooks to the name of their template, channel or event 90
 * days after they were enqueued. The rows stay, so that no key is used twice. Stripe calls contain only
 * ids. Returns whether it finished before the deadline.
 */
export async function trimOutbox(db: Database, { now, deadlineMs }: Tick): Promise<boolean> {
  // A literal, because parameters would not match the partial index.
  const isWhole = sql`status in ('done', 'closed') and payload ?| array['to', 'props', 'facts']`;
  return inBatches(deadlineMs, async () => {
    const due = db
      .select({ id: outbox.id })
      .from(outbox)
      .where(and(isWhole, lt(outbox.createdAt, subDays(now, OUTBOX_RETENTION_DAYS))))
      .orderBy(outbox.createdAt)
      .limit(BATCH_SIZE)
      .for("update", { skipLocked: true });
    const trimmed = await db
      .update(outbox)
      .set({
        payload: sql`jsonb_strip_nulls(jsonb_build_object(
          'template', payload -> 'template', 'channel', payload -> 'channel',
          'type', payload -> 'type'))`,
        // The provider's message can name the address.
        lastError: null,
      })
      .where(inArray(outbox.id, due))
      .returning({ id: outbox.id });
    return trimmed.length;
  });
}

/** Deletes the ledger's signals that could not be handled. Returns whether it finished in time. */
export async function pruneOldSignals(db: Database, { now, deadlineMs }: Tick): Promise<boolean> {
  const before = subDays(now, SIGNAL_RETENTION_DAYS);
  return inBatches(deadlineMs, () => pruneSignals(db, { before, limit: BATCH_SIZE }));
}

/** Deletes sign-ins and changes of credentials after a year. Returns whether it finished in time. */
export async function pruneSignInEvents(db: Database, { now, deadlineMs }: Tick): Promise<boolean> {
  return inBatches(deadlineMs, async () => {
    const due = db
      .select({ id: signInEvent.id })
      .from(signInEvent)
      .where(lt(signInEvent.at, subDays(now, SIGN_IN_EVENT_RETENTION_DAYS)))
      .limit(BATCH_SIZE)
      .for("update", { skipLocked: true });
    const deleted = await db
      .delete(signInEvent)
      .where(inArray(signInEvent.id, due))
      .returning({ id: signInEvent.id });
    return deleted.length;
  });
}

/**
 * Deletes the sign-ins and refused attempts of admins from the audit log after a year. The application's
 * role cannot delete from it; `audit_prune_access` decides what is old, by the database's clock. Returns
 * whether it finished before the deadline.
 */
export async function pruneAdminAccess(db: Database, { deadlineMs }: Tick): Promise<boolean> {
  return inBatches(deadlineMs, async () => {
    const [row] = await db.execute<{ deleted: string }>(
      sql`select audit_prune_access(${BATCH_SIZE}) as deleted`,
    );
    return Number(row?.deleted ?? 0);
  });
}

/**
 * Deletes the claims of accounts that were deleted 24 months ago, and the networks of sign-ups 90 days
 * ago. Returns whether it finished before the deadline.
 */
export async function pruneFreeCreditClaims(
  db: Database,
  { now, deadlineMs }: Tick,
): Promise<boolean> {
  const { userId, deletedAt, day, networkHash } = freeCreditClaim;
  const isPruned = await inBatches(deadlineMs, async () => {
    const due = db
      .select({ userId })
      .from(freeCreditClaim)
      .where(lt(deletedAt, monthsAfter(now, -CLAIM_RETENTION_MONTHS)))
      .limit(BATCH_SIZE)
      .for("update", { skipLocked: true });
    const deleted = await db
      .delete(freeCreditClaim)
      .where(inArray(userId, due))
      .returning({ userId });
    return deleted.length;
  });
  if (!isPruned) return false;
  return inBatches(deadlineMs, async () => {
    const lastDay = dayName(subDays(now, NETWORK_RETENTION_DAYS));
    const due = db
      .select({ userId })
      .from(freeCreditClaim)
      .where(and(lt(day, lastDay), isNotNull(networkHash)))
      .limit(BATCH_SIZE)
      .for("update", { skipLocked: true });
    const cut = await db
      .update(freeCreditClaim)
      .set({ networkHash: null })
      .where(inArray(userId, due))
      .returning({ userId });
    return cut.length;
  });
}

/**
 * Removes name, address and words from the statements of withdrawal that were closed 36 months ago.
 * Returns whether it finished before the deadline.
 */
export async function pruneWithdrawals(db: Database, { now, deadlineMs }: Tick): Promise<boolean> {
  return inBatches(deadlineMs, async () => {
    const due = db
      .select({ id: withdrawal.id })
      .from(withdrawal)
      .where(
        and(
          lt(withdrawal.closedAt, monthsAfter(now, -WITHDRAWAL_RETENTION_MONTHS)),
          ne(withdrawal.email, ""),
        ),
      )
      .limit(BATCH_SIZE)
      .for("update", { skipLocked: true });
    const cut = await db
      .update(withdrawal)
      .set({ name: "", email: "", purchase: "" })
      .where(inArray(withdrawal.id, due))
      .returning({ id: withdrawal.id });
    return cut.length;
  });
}

async function deleteExpired(
  db: Database,
  { table, id, expiresAt }: { table: PgTable; id: PgColumn; expiresAt: PgColumn },
  { now, deadlineMs }: Tick,
): Promise<boolean> {
  // better-auth reads the machine's clock, which embedded mode does not move.
  const machineNow = subMilliseconds(now, clockOffsetMs());
  return inBatches(deadlineMs, async () => {
    const due = db
      .select({ id })
      .from(table)
      .where(lt(expiresAt, machineNow))
      .limit(BATCH_SIZE)
      .for("update", { skipLocked: true });
    const deleted = await db.delete(table).where(inArray(id, due)).returning({ id });
    return deleted.length;
  });
}

async function inBatches(deadlineMs: number, work: () => Promise<number>): Promise<boolean> {
  while (performance.now() < deadlineMs) {
    if ((await work()) < BATCH_SIZE) return true;
  }
  return false;
}
