import { index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, json } from "@/db/schema/columns";

/** One row per user, created empty at sign-up. Prefills the reading form. */
export const baziProfile = pgTable("bazi_profile", {
  userId: text().primaryKey(),
  /** The birth data as `src/products/bazi/birth/input.ts` parses it; null until the user saves one. */
  birth: json(),
  createdAt: instant().notNull(),
  updatedAt: instant().notNull(),
});

export const baziReading = pgTable(
  "bazi_reading",
  {
    userId: text().notNull(),
    /** Created with the form, so that a double submit is one reading. */
    id: uuid().notNull(),
    name: text().notNull(),
    birth: json().notNull(),
    chart: json().notNull(),
    createdAt: instant().notNull(),
    /** The secret part of the private link; null unless the user shares the reading. */
    shareToken: text().unique(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.id] }),
    index("bazi_reading_recent").on(table.userId, table.createdAt.desc(), table.id),
  ],
);
