import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgEnum, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns";

/** `alert`: what tells the people who run the site, by mail, a webhook or Sentry. */
export const outboxKind = pgEnum("outbox_kind", ["email", "stripe", "alert"]);
/** `dead`: given up, an admin has to look. `closed`: one has looked, and it is beyond help. */
export const outboxStatus = pgEnum("outbox_status", ["pending", "done", "dead", "closed"]);

/**
 * What must happen outside the database, written in the transaction that caused it and done
 * afterwards at least once with its idempotency key.
 */
export const outbox = pgTable(
  "outbox",
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: outboxKind().notNull(),
    idempotencyKey: text().notNull().unique(),
    userId: text(),
    payload: jsonb().notNull(),
    status: outboxStatus().notNull().default("pending"),
    attempts: integer().notNull().default(0),
    lastError: text(),
    createdAt: instant().notNull(),
    nextAttemptAt: instant().notNull(),
    /** A worker has it in its hands until then; null when none does. */
    leasedUntil: instant(),
    doneAt: instant(),
  },
  (table) => [
    index("outbox_due").on(table.kind, table.nextAttemptAt).where(sql`status = 'pending'`),
    // Dead or closed.
    index("outbox_given_up")
      .on(table.createdAt.desc(), table.id)
      .where(sql`status not in ('pending', 'done')`),
    index("outbox_pending")
      .on(table.createdAt.desc(), table.id, table.kind)
      .where(sql`status = 'pending'`),
    index("outbox_no_email").on(table.createdAt.desc(), table.id).where(sql`kind <> 'email'`),
    index("outbox_user").on(table.userId),
    index("outbox_recent").on(table.createdAt.desc(), table.id),
  ],
);
