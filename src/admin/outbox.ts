import { and, desc, eq, getTableColumns, inArray, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor, Transaction } from "@/db/client";
import { outbox, outboxKind, outboxStatus, webhookEndpoint } from "@/db/schema";
import { SECRET_LINK_TEMPLATES, storedEmail } from "@/emails/email-content";
import { AppError, InvalidInput, NotFound } from "@/lib/errors";
import { endpointId, requireEnabled } from "@/webhooks/endpoints";
import { type Audited, auditedInput, auditReason, recordAudit } from "./audit";
import { enumEquals, keyContainsAny } from "./lists/conditions";
import { keysetPage, type Page, toPage } from "./lists/keyset";
import { searchText, uuidPageFields } from "./lists/query-fields";
import { readEmails } from "./users/emails";

type OutboxRow = typeof outbox.$inferSelect;
/** Without the payload: an email may contain a link that signs its reader in. */
export type ListedOutbox = Omit<OutboxRow, "payload"> & {
  /** The email's template, the name of the Stripe call, the alert's channel or the type of the event. */
  readonly what: string | null;
  /** The endpoint of a webhook, which receives only while it is on; null for the other kinds. */
  readonly endpoint: "on" | "off" | "deleted" | null;
  /** Whether the entry can be queued again. A delivered email or webhook can, a completed call cannot. */
  readonly canResend: boolean;
};

const { payload: _, ...columns } = getTableColumns(outbox);
const proving = sql.join(
  SECRET_LINK_TEMPLATES.map((template) => sql`${template}`),
  sql`, `,
);
const listed = {
  ...columns,
  what: sql<
    string | null
  >`coalesce(${outbox.payload}->>'template', ${outbox.payload}->>'do', ${outbox.payload}->>'channel',
    ${outbox.payload}->>'type')`,
  canResend: sql<boolean>`(case when ${outbox.kind} = 'webhook'
    then ${outbox.payload} ? 'facts' and ${outbox.status} <> 'closed'
    else ${outbox.status} <> 'done' or (${outbox.kind} = 'email'
      and ${outbox.payload} ? 'to' and ${outbox.payload}->>'template' not in (${proving})) end)`,
};

export const outboxQuery = z.object({
  q: searchText,
  kind: z.enum(["any", ...outboxKind.enumValues]).catch("any"),
  status: z.enum(["any", ...outboxStatus.enumValues]).catch("any"),
  ...uuidPageFields,
});
export type OutboxFilter = z.output<typeof outboxQuery>;

/** One page of the outbox and the emails of the people on it. */
export async function readOutboxPage(reader: Executor, filter: OutboxFilter) {
  const page = await listOutbox(reader, filter);
  const userIds = page.rows.map((row) => row.userId);
  return { page, emails: await readEmails(reader, userIds) };
}

/** One page of the outbox. `q` matches a user id, an endpoint's id or a whole idempotency key. */
export async function listOutbox(
  reader: Executor,
  filter: OutboxFilter,
): Promise<Page<ListedOutbox & { readonly cursorAt: string }>> {
  const order = { at: outbox.createdAt, id: outbox.id, ids: "asc" } as const;
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(order, filter);
  const { q, kind, status } = filter;
  const rows = await reader
    .select({ ...listed, cursorAt })
    .from(outbox)
    .where(
      and(
        pastCursor,
        kind === "any" ? undefined : enumEquals(outbox.kind, kind),
        status === "any" ? undefined : enumEquals(outbox.status, status),
        matchesSearch(q),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(await withEndpoints(reader, rows), filter);
}

function matchesSearch(q: string): SQL | undefined {
  if (q === "") return undefined;
  if (endpointId.safeParse(q).success) return eq(outbox.endpointId, q);
  return or(eq(outbox.userId, q), eq(outbox.idempotencyKey, q));
}

/** A user's latest entries whose key contains one of the ids. */
export async function listOutboxAbout(
  reader: Executor,
  { userId, ids, limit }: { userId: string; ids: readonly string[]; limit: number },
): Promise<ListedOutbox[]> {
  if (ids.length === 0) return [];
  const rows = await reader
    .select(listed)
    .from(outbox)
    .where(and(eq(outbox.userId, userId), keyContainsAny(outbox.idempotencyKey, ids)))
    .orderBy(desc(outbox.createdAt), outbox.id)
    .limit(limit);
  return withEndpoints(reader, rows);
}

/** Adds the state of each webhook's endpoint. Nothing can be sent to one that is off or deleted. */
async function withEndpoints<
  Row extends Pick<OutboxRow, "kind" | "endpointId"> & { readonly canResend: boolean },
>(
  reader: Executor,
  rows: readonly Row[],
): Promise<(Row & Pick<ListedOutbox, "endpoint" | "canResend">)[]> {
  const ids = [...new Set(rows.flatMap(({ endpointId }) => endpointId ?? []))];
  const { id, disabledAt } = webhookEndpoint;
  const found =
    ids.length === 0
      ? []
      : await reader.select({ id, disabledAt }).from(webhookEndpoint).where(inArray(id, ids));
  const stateOf = ({ kind, endpointId }: Row): ListedOutbox["endpoint"] => {
    if (kind !== "webhook") return null;
    const endpoint = found.find((one) => one.id === endpointId);
    if (endpoint === undefined) return "deleted";
    return endpoint.disabledAt === null ? "on" : "off";
  };
  return rows.map((row) => {
    const endpoint = stateOf(row);
    return {
      ...row,
      endpoint,
      canResend: row.canResend && (endpoint === null || endpoint === "on"),
    };
  });
}

export const resendInput = auditedInput.extend({ outboxId: z.uuid() });

/**
 * Moves a dead or waiting entry to the head of the queue and resets its attempts. A delivered email is
 * queued again as a new entry, a delivered webhook as itself, because receivers drop an event that they
 * know. A resubmitted form (`id`) acts once. Locks the entry.
 * @throws NotFound, InvalidInput for a completed call or alert and for an endpoint that is off,
 *   BeingDelivered, IdempotencyConflict
 */
export async function resendOutbox(
  db: Database,
  { id, outboxId, actorId, now }: Audited<typeof resendInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockEntry(tx, outboxId);
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "outbox.resend",
      targetUserId: row.userId,
      before: { key: row.idempotencyKey, status: row.status, attempts: row.attempts },
      after: { status: "pending", attempts: 0 },
      now,
    });
    if (!isNew) return;
    if (row.leasedUntil !== null && row.leasedUntil > now) throw new BeingDelivered();
    if (row.endpointId !== null) await requireEnabled(tx, row.endpointId);
    if (row.status === "done" && row.kind !== "webhook") await insertCopy(tx, { row, id, now });
    else await resetAttempts(tx, { row, now });
  });
}

/** A worker holds the lease of this entry. The outcome is known within minutes. */
export class BeingDelivered extends AppError {
  constructor() {
    super({
      code: "being_delivered",
      status: 409,
      message: "This entry is being delivered right now.",
    });
  }
}

export const closeOutboxInput = resendInput.extend({ reason: auditReason });

/**
 * Closes a dead entry permanently, with a reason, so that it raises no more alerts. A resubmitted form
 * (`id`) acts once. Locks the entry.
 * @throws NotFound, InvalidInput if the entry is not dead, IdempotencyConflict
 */
export async function closeDeadOutbox(
  db: Database,
  { id, outboxId, reason, actorId, now }: Audited<typeof closeOutboxInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockEntry(tx, outboxId);
    if (row.status === "closed") return;
    const { idempotencyKey: key, status, attempts, lastError } = row;
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "outbox.close",
      targetUserId: row.userId,
      reason,
      before: { key, status, attempts, lastError },
      after: { status: "closed" },
      now,
    });
    if (!isNew) return;
    if (status !== "dead") throw new InvalidInput("Only a dead outbox entry can be closed.");
    await tx.update(outbox).set({ status: "closed" }).where(eq(outbox.id, outboxId));
  });
}

async function lockEntry(tx: Transaction, id: string): Promise<OutboxRow> {
  const [row] = await tx.select().from(outbox).where(eq(outbox.id, id)).for("update");
  if (row === undefined) throw new NotFound("outbox entry");
  return row;
}

/** The copy has its own key, because the email provider drops an email whose key it knows. */
async function insertCopy(
  tx: Transaction,
  { row, id, now }: { row: OutboxRow; id: string; now: Date },
) {
  const { kind, userId, payload, idempotencyKey } = row;
  if (kind !== "email" || !storedEmail.safeParse(payload).success)
    throw new InvalidInput("This entry is done and cannot be repeated.");
  await tx.insert(outbox).values({
    kind,
    userId,
    payload,
    idempotencyKey: `${idempotencyKey}:again:${id}`,
    createdAt: now,
    nextAttemptAt: now,
  });
}

async function resetAttempts(tx: Transaction, { row, now }: { row: OutboxRow; now: Date }) {
  await tx
    .update(outbox)
    .set({ status: "pending", attempts: 0, leasedUntil: null, nextAttemptAt: now, doneAt: null })
    .where(eq(outbox.id, row.id));
}
