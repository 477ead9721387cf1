import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, whole } from "./columns";

export const notificationKind = pgEnum("notification_kind", [
  "purchase-received",
  "payment-failed",
  "credits-expiring",
  "low-balance",
]);

/** What the app has told a person: facts, not words, so that they are read in any language. */
export const notification = pgTable(
  "notification",
  {
    userId: text().notNull(),
    id: uuid().notNull().defaultRandom(),
    kind: notificationKind().notNull(),
    /** Names the fact it tells: one notice a fact, for ever. */
    key: text().notNull(),
    /** As `src/notifications/notice.ts` parses them. */
    facts: jsonb().notNull(),
    createdAt: instant().notNull(),
    readAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.id] }),
    uniqueIndex("notification_key").on(table.userId, table.key),
    index("notification_recent").on(table.userId, table.createdAt.desc(), table.id),
    index("notification_unread").on(table.userId).where(sql`read_at is null`),
  ],
);

/** The optional kinds and the two ways in which each may be told. No row: everything is on. */
export const notificationPreference = pgTable("notification_preference", {
  userId: text().primaryKey(),
  expiringByEmail: boolean().notNull().default(true),
  expiringInApp: boolean().notNull().default(true),
  lowBalanceByEmail: boolean().notNull().default(true),
  lowBalanceInApp: boolean().notNull().default(true),
  updatedAt: instant().notNull(),
});

/** The lots whose expiry a person has been told of: each once. */
export const expiryReminder = pgTable(
  "expiry_reminder",
  {
    userId: text().notNull(),
    lotSeq: whole().notNull(),
    remindedAt: instant().notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.lotSeq] })],
);

/** How far the reminders have got: lots that expire up to `reachedAt` were looked at. One row at most. */
export const reminderProgress = pgTable(
  "reminder_progress",
  {
    id: integer().primaryKey().default(1),
    reachedAt: instant().notNull(),
    /** When everything in the window was last looked at again. */
    fullWalkAt: instant().notNull(),
  },
  () => [check("reminder_progress_one_row", sql`id = 1`)],
);
