import { randomUUID } from "node:crypto";
import { and, eq, getTableColumns, or, type SQL, sql } from "drizzle-orm";
import type { Database, Reader } from "@/db/client";
import { outbox } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import { recordAudit } from "./audit";
import type { OutboxFilter } from "./input";
import { keysetPage, type Page, toPage } from "./keyset";

type OutboxRow = typeof outbox.$inferSelect;
/** Without the payload: a mail's may hold a link that proves something about its reader. */
export type ListedOutbox = Omit<OutboxRow, "payload"> & {
  readonly cursorAt: string;
  /** The mail's template, the call's name or the alert's channel. */
  readonly what: string | null;
};

const { payload: _, ...listed } = getTableColumns(outbox);

/** One page of the outbox, newest first; `q` is a user's id or the whole key. */
export async function listOutbox(
  reader: Reader,
  filter: OutboxFilter,
): Promise<Page<ListedOutbox>> {
  const order = { at: outbox.createdAt, id: outbox.id, ids: "asc" } as const;
  const { cursorAt, beyond, orderBy, limit } = keysetPage(order, filter);
  const { q, kind, status } = filter;
  const what = sql<
    string | null
  >`coalesce(${outbox.payload}->>'template', ${outbox.payload}->>'do', ${outbox.payload}->>'channel')`;
  const rows = await reader
    .select({ ...listed, cursorAt, what })
    .from(outbox)
    .where(
      and(
        beyond,
        kind === "any" ? undefined : KIND_CONDITIONS[kind],
        status === "any" ? undefined : STATUS_CONDITIONS[status],
        q === "" ? undefined : or(eq(outbox.userId, q), eq(outbox.idempotencyKey, q)),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, filter);
}

/** Written out, as the partial indexes are: a parameter would not match them. */
const KIND_CONDITIONS: Record<OutboxRow["kind"], SQL> = {
  email: sql`${outbox.kind} = 'email'`,
  stripe: sql`${outbox.kind} = 'stripe'`,
  alert: sql`${outbox.kind} = 'alert'`,
};
const STATUS_CONDITIONS: Record<OutboxRow["status"], SQL> = {
  pending: sql`${outbox.status} = 'pending'`,
  done: sql`${outbox.status} = 'done'`,
  dead: sql`${outbox.status} = 'dead'`,
  closed: sql`${outbox.status} = 'closed'`,
};

/**
 * Puts what was given up, or waits for its next attempt, at the head of the queue with its count
 * begun anew. What is done stays done, as a second mail or call helps nobody.
 * @throws NotFound, InvalidInput
 */
export async function resendOutbox(
  db: Database,
  { id, actorId, now }: { id: string; actorId: string; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(outbox).where(eq(outbox.id, id)).for("update");
    if (row === undefined) throw new NotFound("outbox entry");
    if (row.status === "done") throw new InvalidInput("This has been done already.");
    await recordAudit(tx, {
      ...{ id: randomUUID(), actorId, action: "outbox.resend", reason: null, now },
      targetUserId: row.userId,
      before: { key: row.idempotencyKey, status: row.status, attempts: row.attempts },
      after: { status: "pending", attempts: 0 },
    });
    await tx
      .update(outbox)
      .set({ status: "pending", attempts: 0, nextAttemptAt: now })
      .where(eq(outbox.id, id));
  });
}
