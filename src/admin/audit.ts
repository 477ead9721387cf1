import { and, eq, or, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { auditLog } from "@/db/schema";
import { IdempotencyConflict } from "@/ledger/errors";
import type { AuditAction } from "./audit-actions";
import type { AuditFilter } from "./input";
import { isUuid, keysetPage, type Page, toPage } from "./lists/keyset";

export type AuditEntry = typeof auditLog.$inferSelect;
/** Facts before and after, plain values only. */
export type AuditFacts = Readonly<Record<string, string | number | boolean | null>>;

export interface AuditRecord {
  /** Made with the form: a second record with the same id is not written. */
  readonly id: string;
  readonly actorId: string;
  readonly action: AuditAction;
  readonly targetUserId: string | null;
  readonly reason: string | null;
  readonly before: AuditFacts;
  readonly after: AuditFacts;
  readonly now: Date;
}

/**
 * Writes down what an admin does. Answers false if the same form (`id`) was written down before: then
 * it has acted, and must not act again whatever was done since.
 * @throws IdempotencyConflict for the id of a form that was about something else
 */
export async function recordAudit(tx: Executor, { now, ...record }: AuditRecord): Promise<boolean> {
  const written = await tx
    .insert(auditLog)
    .values({ ...record, createdAt: now })
    .onConflictDoNothing()
    .returning({ id: auditLog.id });
  if (written.length > 0) return true;
  const kept = await findAudit(tx, record.id);
  const same =
    kept?.action === record.action &&
    kept.actorId === record.actorId &&
    kept.targetUserId === record.targetUserId &&
    kept.reason === record.reason;
  if (!same) throw new IdempotencyConflict(`audit:${record.id}`);
  return false;
}

/** The record with this id, if there is one. */
export async function findAudit(reader: Executor, id: string): Promise<AuditEntry | undefined> {
  const [entry] = await reader.select().from(auditLog).where(eq(auditLog.id, id));
  return entry;
}

/** Adds what an act outside the transaction came to. */
export async function completeAudit(
  tx: Executor,
  { id, after }: { id: string; after: AuditFacts },
): Promise<void> {
  await tx
    .update(auditLog)
    .set({ after: sql`${auditLog.after} || ${JSON.stringify(after)}::jsonb` })
    .where(eq(auditLog.id, id));
}

/** What admins did, newest first unless asked otherwise; `q` is a record's id, a user's or an admin's. */
export async function listAudit(
  reader: Executor,
  filter: AuditFilter,
): Promise<Page<AuditEntry & { cursorAt: string }>> {
  const order = { at: auditLog.createdAt, id: auditLog.id, ids: "asc" } as const;
  const { cursorAt, beyond, orderBy, limit } = keysetPage(order, filter);
  const { q, action } = filter;
  const found = await reader
    .select({ entry: auditLog, cursorAt })
    .from(auditLog)
    .where(
      and(
        beyond,
        action === "any" ? undefined : eq(auditLog.action, action),
        q === ""
          ? undefined
          : or(
              eq(auditLog.targetUserId, q),
              eq(auditLog.actorId, q),
              isUuid(q) ? eq(auditLog.id, q) : undefined,
            ),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(
    found.map(({ entry, cursorAt: at }) => ({ ...entry, cursorAt: at })),
    filter,
  );
}
