import { and, desc, eq, getTableColumns, or, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Database, Executor, Transaction } from "@/db/client";
import { outbox } from "@/db/schema";
import { SECRET_LINK_TEMPLATES, storedEmail } from "@/emails/email-content";
import { AppError, InvalidInput, NotFound } from "@/lib/errors";
import { recordAudit } from "./audit";
import type { OutboxFilter, outboxInput } from "./input";
import { isAbout } from "./lists/is-about";
import { isEnum } from "./lists/is-enum";
import { keysetPage, type Page, toPage } from "./lists/keyset";

type OutboxRow = typeof outbox.$inferSelect;
/** Without the payload: a mail's may hold a link that proves something about its reader. */
export type ListedOutbox = Omit<OutboxRow, "payload"> & {
  /** The mail's template, the call's name or the alert's channel. */
  readonly what: string | null;
  /** Whether it can be put into the queue (again): a mail also when it was sent. */
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
  >`coalesce(${outbox.payload}->>'template', ${outbox.payload}->>'do', ${outbox.payload}->>'channel')`,
  canResend: sql<boolean>`(${outbox.status} <> 'done' or (${outbox.kind} = 'email'
    and ${outbox.payload} ? 'to' and ${outbox.payload}->>'template' not in (${proving})))`,
};

/** One page of the outbox, newest first; `q` is a user's id or the whole key. */
export async function listOutbox(
  reader: Executor,
  filter: OutboxFilter,
): Promise<Page<ListedOutbox & { readonly cursorAt: string }>> {
  const order = { at: outbox.createdAt, id: outbox.id, ids: "asc" } as const;
  const { cursorAt, beyond, orderBy, limit } = keysetPage(order, filter);
  const { q, kind, status } = filter;
  const rows = await reader
    .select({ ...listed, cursorAt })
    .from(outbox)
    .where(
      and(
        beyond,
        kind === "any" ? undefined : isEnum(outbox.kind, kind),
        status === "any" ? undefined : isEnum(outbox.status, status),
        q === "" ? undefined : or(eq(outbox.userId, q), eq(outbox.idempotencyKey, q)),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, filter);
}

/** The latest entries of a user whose key names one of these ids. Reads that user's entries. */
export async function listOutboxAbout(
  reader: Executor,
  { userId, ids, limit }: { userId: string; ids: readonly string[]; limit: number },
): Promise<ListedOutbox[]> {
  if (ids.length === 0) return [];
  return reader
    .select(listed)
    .from(outbox)
    .where(and(eq(outbox.userId, userId), isAbout(outbox.idempotencyKey, ids)))
    .orderBy(desc(outbox.createdAt), outbox.id)
    .limit(limit);
}

/**
 * Puts what was given up, or waits for its next attempt, at the head of the queue with its count
 * begun anew. A mail that was sent is sent again as a new entry; a call to
 * Stripe that was made is not made twice. The same press (`id`) sent again does nothing. Locks the
 * entry.
 * @throws NotFound, InvalidInput (what is done and can't be done again), BeingDelivered,
 *   IdempotencyConflict
 */
export async function resendOutbox(
  db: Database,
  { id, outboxId, actorId, now }: z.output<typeof outboxInput> & { actorId: string; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(outbox).where(eq(outbox.id, outboxId)).for("update");
    if (row === undefined) throw new NotFound("outbox entry");
    const isNew = await recordAudit(tx, {
      ...{ id, actorId, action: "outbox.resend", reason: null, now },
      targetUserId: row.userId,
      before: { key: row.idempotencyKey, status: row.status, attempts: row.attempts },
      after: { status: "pending", attempts: 0 },
    });
    if (!isNew) return;
    if (row.leasedUntil !== null && row.leasedUntil > now) throw new BeingDelivered();
    if (row.status === "done") await sendAgain(tx, { row, id, now });
    else await beginAnew(tx, { row, now });
  });
}

/** A worker has this entry in its hands: what it comes to is known in a few minutes. */
export class BeingDelivered extends AppError {
  constructor() {
    super({ code: "being_delivered", status: 409, message: "This is being delivered right now." });
  }
}

/** Under a key of its own, as the post drops a mail whose key it knows. */
async function sendAgain(
  tx: Transaction,
  { row, id, now }: { row: OutboxRow; id: string; now: Date },
) {
  const { kind, userId, payload, idempotencyKey } = row;
  if (kind !== "email" || !storedEmail.safeParse(payload).success)
    throw new InvalidInput("This has been done, and can't be done a second time.");
  await tx.insert(outbox).values({
    ...{ kind, userId, payload, createdAt: now, nextAttemptAt: now },
    idempotencyKey: `${idempotencyKey}:again:${id}`,
  });
}

async function beginAnew(tx: Transaction, { row, now }: { row: OutboxRow; now: Date }) {
  await tx
    .update(outbox)
    .set({ status: "pending", attempts: 0, leasedUntil: null, nextAttemptAt: now })
    .where(eq(outbox.id, row.id));
}
