import { index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, json, whole } from "./columns";

/** `audit_log.actor_id` of what a command or a change of the environment does. */
export const OPERATOR_ACTOR = "operator";

/**
 * Admin actions with their target and reason, and the sign-ins of admins. The form sends `id`, so a
 * resubmitted form acts once. The application's role can only insert rows.
 */
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

/** Facts of an action that are known only after it. They are added to what `audit_log.after` says. */
export const auditResult = pgTable(
  "audit_result",
  {
    id: whole().primaryKey().generatedAlwaysAsIdentity(),
    auditId: uuid().notNull(),
    facts: json().notNull(),
  },
  (table) => [index("audit_result_entry").on(table.auditId, table.id)],
);
