import { index, pgTable, text } from "drizzle-orm/pg-core";
import { apiService } from "./api-keys";
import { instant } from "./columns";

/** Where a service of the site receives events. Its deliveries are rows of `outbox`. */
export const webhookEndpoint = pgTable(
  "webhook_endpoint",
  {
    id: text().primaryKey(),
    serviceId: text()
      .notNull()
      .references(() => apiService.id, { onDelete: "cascade" }),
    url: text().notNull(),
    /** The types of events that it receives. */
    events: text().array().notNull(),
    /** The signing secret, encrypted with the auth secret. */
    secret: text().notNull(),
    /** The secret before the last rotation, encrypted. Deliveries are signed with both until then. */
    previousSecret: text(),
    previousSecretUntil: instant(),
    createdAt: instant().notNull(),
    /** The first failure since the last success; null if the last delivery succeeded. */
    failingSince: instant(),
    disabledAt: instant(),
    /** Who turned it off: an admin, or the site after days of failures. */
    disabledBy: text({ enum: ["admin", "failures"] }),
  },
  (table) => [index("webhook_endpoint_service").on(table.serviceId, table.createdAt)],
);
