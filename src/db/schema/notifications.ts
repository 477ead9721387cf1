import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, json, whole } from "./columns";

export const notificationKind = pgEnum("notification_kind", [
  "purchase-received",
  "payment-failed",
  "credits-expiring",
  "low-balance",
  "billing-change",
  "renewal",
  "key-limit",
]);

/** In-app notifications. They store facts instead of text, so that they can be shown in any language. */
export const notification = pgTable(
  "notification",
  {
    userId: text().notNull(),
    id: uuid().notNull().defaultRandom(),
    kind: notificationKind().notNull(),
    /** Names the fact: one notification per user and fact, forever. */
    key: text().notNull(),
    /** As `src/notifications/notice.ts` parses them. */
    facts: json().notNull(),
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

/** The optional kinds by channel, and when a balance is low. Without a row everything is on. */
export const notificationPreference = pgTable("notification_preference", {
  userId: text().primaryKey(),
  expiringByEmail: boolean().notNull().default(true),
  expiringInApp: boolean().notNull().default(true),
  lowBalanceByEmail: boolean().notNull().default(true),
  lowBalanceInApp: boolean().notNull().default(true),
  /** In credits. Null: a few uses of the product (`lowBalanceThreshold`). */
  lowBalanceThreshold: whole(),
  updatedAt: instant().notNull(),
});

/** Lots whose expiry the user has been reminded of. One row per user and lot. */
export const expiryReminder = pgTable(
  "expiry_reminder",
  {
    userId: text().notNull(),
    lotSeq: whole().notNull(),
    remindedAt: instant().notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.lotSeq] })],
);

/** Progress of the reminders: lots that expire up to `reachedAt` were checked. At most one row. */
export const reminderProgress = pgTable(
  "reminder_progress",
  {
    id: integer().primaryKey().default(1),
    reachedAt: instant().notNull(),
    /** When the whole window was last rechecked. */
    fullWalkAt: instant().notNull(),
  },
  () => [check("reminder_progress_one_row", sql`id = 1`)],
);
