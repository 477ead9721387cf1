import { index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, json } from "./columns";

/** Admin actions with their target and reason. The form sends `id`, so a resubmitted form acts once. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: uuid().primaryKey(),
    actorId: text().notNull(),
    action: text().notNull(),
    targetUserId: text(),
    reason: text(),
    before: json(),
    after: json(),
    createdAt: instant().notNull(),
  },
  (table) => [
    index("audit_log_recent").on(table.createdAt.desc(), table.id),
    index("audit_log_action").on(table.action, table.createdAt.desc(), table.id),
    index("audit_log_actor").on(table.actorId, table.createdAt.desc()),
    index("audit_log_target").on(table.targetUserId, table.createdAt.desc()),
  ],
);
