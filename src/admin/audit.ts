import { and, eq, getTableColumns, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { auditLog, auditResult } from "@/db/schema";
import { IdempotencyConflict } from "@/ledger/errors";
import { isPlainText, isVisible } from "@/lib/plain-text";
import { isUuid, keysetPage, type Page, toPage } from "./lists/keyset";
import { searchText, uuidPageFields } from "./lists/query-fields";
import { readEmails } from "./users/emails";

export const AUDIT_ACTIONS = [
  "credits.adjust",
  "credits.bulk-grant",
  "free-credits.release",
  "account.unfreeze",
  "user.ban",
  "user.unban",
  "user.view",
  "event.replay",
  "event.replay-dead",
  "event.close",
  "distribution.start",
  "distribution.retry",
  "books.reconcile",
  "session.end",
  "outbox.resend",
  "outbox.close",
  "payment.settle",
  "withdrawal.refund",
  "withdrawal.close",
  "catalog.migrate",
  "api-key.create",
  "api-key.rotate",
  "api-key.cap",
  "api-key.revoke",
  "endpoint.create",
  "endpoint.enable",
  "endpoint.disable",
  "endpoint.rotate",
  "endpoint.delete",
  "endpoint.replay",
  // Written by src/auth/admin-access.ts and src/auth/admin-role.ts.
  "admin.sign-in",
  "admin.refused",
  "admin.demote",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Input of every audited action. `id` is created with the form, so a resubmitted form acts once. */
export const auditedInput = z.object({ id: z.uuid() });
/** Why an admin acts. */
export const auditReason = z.string().trim().min(3).max(500).refine(isPlainText).refine(isVisible);
/** Id of the row that an action changes. */
export const targetId = z.string().min(1).max(200).refine(isPlainText).refine(isVisible);

/** Parsed input with the admin who sent it and the time of the request. */
export type Audited<Input extends z.ZodType> = z.output<Input> & {
  readonly actorId: string;
  readonly now: Date;
};

export type AuditEntry = typeof auditLog.$inferSelect;
export type AuditFacts = Readonly<Record<string, string | number | boolean | null>>;

export interface AuditRecord {
  readonly id: string;
  readonly actorId: string;
  readonly action: AuditAction;
  readonly targetUserId?: string | null;
  readonly reason?: string | null;
  readonly before?: AuditFacts;
  readonly after?: AuditFacts;
  readonly now: Date;
}

/**
 * Inserts an audit entry. Returns false if an entry with this id exists: the form was processed before
 * and must not act again, even if its action has been undone.
 * @throws IdempotencyConflict if the id was used by another admin, action, target or reason
 */
export async function recordAudit(
  tx: Executor,
  { targetUserId = null, reason = null, before = {}, after = {}, now, ...record }: AuditRecord,
): Promise<boolean> {
  const inserted = await tx
    .insert(auditLog)
    .values({ ...record, targetUserId, reason, before, after, createdAt: now })
    .onConflictDoNothing()
    .returning({ id: auditLog.id });
  if (inserted.length > 0) return true;
  const existing = await findAudit(tx, record.id);
  const isSame =
    existing?.action === record.action &&
    existing.actorId === record.actorId &&
    existing.targetUserId === targetUserId &&
    existing.reason === reason;
  if (!isSame) throw new IdempotencyConflict(`audit:${record.id}`);
  return false;
}

/** An entry with the facts of its results: of equal names the latest counts. */
const withResults = {
  ...getTableColumns(auditLog),
  // Written out, because Drizzle leaves the tables' names out of a query of one table.
  after: sql<unknown>`coalesce(audit_log.after, '{}') || coalesce(
    (select jsonb_object_agg(fact.key, fact.value order by result.id)
      from audit_result result, jsonb_each(result.facts) fact
      where result.audit_id = audit_log.id), '{}')`,
};

/** Returns an entry with the facts of its results, or undefined. */
export async function findAudit(reader: Executor, id: string): Promise<AuditEntry | undefined> {
  const [entry] = await reader.select(withResults).from(auditLog).where(eq(auditLog.id, id));
  return entry;
}

/** Adds facts that are known only after the action, for work outside the entry's transaction. */
export async function completeAudit(
  tx: Executor,
  { id, after }: { id: string; after: AuditFacts },
): Promise<void> {
  await tx.insert(auditResult).values({ auditId: id, facts: after });
}

export const auditQuery = z.object({
  q: searchText,
  action: z.enum(["any", ...AUDIT_ACTIONS]).catch("any"),
  ...uuidPageFields,
});
export type AuditFilter = z.output<typeof auditQuery>;

/** One page of the audit log and the emails of the people on it. */
export async function readAuditPage(reader: Executor, filter: AuditFilter) {
  const page = await listAudit(reader, filter);
  const userIds = page.rows.flatMap(({ actorId, targetUserId }) => [actorId, targetUserId]);
  return { page, emails: await readEmails(reader, userIds) };
}

/** One page of the audit log. `q` matches an entry's id, its target user or its admin. */
export async function listAudit(
  reader: Executor,
  filter: AuditFilter,
): Promise<Page<AuditEntry & { cursorAt: string }>> {
  const order = { at: auditLog.createdAt, id: auditLog.id, ids: "asc" } as const;
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(order, filter);
  const { q, action } = filter;
  const found = await reader
    .select({ ...withResults, cursorAt })
    .from(auditLog)
    .where(
      and(
        pastCursor,
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
  return toPage(found, filter);
}
