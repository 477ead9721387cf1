import { sql } from "drizzle-orm";
import { index, integer, pgEnum, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, json } from "./columns";

/**
 * `alert`: notifies the operators by email, webhook or Sentry. `webhook`: an event for the endpoint of a
 * service.
 */
export const outboxKind = pgEnum("outbox_kind", ["email", "stripe", "alert", "webhook"]);
/** `dead`: dead-lettered, an admin has to act. `closed`: an admin closed it without delivery. */
export const outboxStatus = pgEnum("outbox_status", ["pending", "done", "dead", "closed"]);

/**
 * Effects outside the database, written in the transaction that causes them and executed afterwards at
 * least once with their idempotency key.
 */
export const outbox = pgTable(
  "outbox",
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: outboxKind().notNull(),
    idempotencyKey: text().notNull().unique(),
    userId: text(),
    /** The endpoint that receives a `webhook`; null for the other kinds. */
    endpointId: text(),
    payload: json().notNull(),
    status: outboxStatus().notNull().default("pending"),
    attempts: integer().notNull().default(0),
    lastError: text(),
    createdAt: instant().notNull(),
    nextAttemptAt: instant().notNull(),
    /** Lease expiry; null if no worker has claimed it. */
    leasedUntil: instant(),
    doneAt: instant(),
  },
  (table) => [
    index("outbox_due").on(table.kind, table.nextAttemptAt).where(sql`status = 'pending'`),
    // Dead and closed entries.
    index("outbox_given_up")
      .on(table.createdAt.desc(), table.id)
      .where(sql`status not in ('pending', 'done')`),
    index("outbox_pending")
      .on(table.createdAt.desc(), table.id, table.kind)
      .where(sql`status = 'pending'`),
    index("outbox_no_email").on(table.createdAt.desc(), table.id).where(sql`kind <> 'email'`),
    // For trimming delivered and closed entries.
    index("outbox_whole")
      .on(table.createdAt)
      .where(sql`status in ('done', 'closed') and payload ?| array['to', 'props', 'facts']`),
    index("outbox_endpoint")
      .on(table.endpointId, table.createdAt.desc(), table.id)
      .where(sql`endpoint_id is not null`),
    index("outbox_user").on(table.userId),
    index("outbox_recent").on(table.createdAt.desc(), table.id),
  ],
);
