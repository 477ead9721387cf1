import { count, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { MOST_COUNTED } from "@/lib/most-counted";
import type { Reader } from "./client";

/** Counts a table's rows, and stops as soon as there are more than `MOST_COUNTED`. */
export async function countSome(reader: Reader, table: PgTable, condition: SQL): Promise<number> {
  const some = reader
    .select({ one: sql`1`.as("one") })
    .from(table)
    .where(condition)
    .limit(MOST_COUNTED + 1)
    .as("some");
  const [row] = await reader.select({ count: count() }).from(some);
  return row?.count ?? 0;
}
