import { pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "@/db/schema/columns";

export const greetingCard = pgTable(
  "greeting_card",
  {
    userId: text().notNull(),
    /** Created with the form, so that a double submit is one card. */
    id: uuid().notNull(),
    recipient: text().notNull(),
    greeting: text().notNull(),
    createdAt: instant().notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.id] })],
);
