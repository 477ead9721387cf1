import { type SQL, sql } from "drizzle-orm";
import { COUNT_LIMIT } from "@/lib/formats";

/** The count of such rows (what stands behind `from`), as a value of a statement; stops at `most`. */
export function countUpTo(most: number, rows: SQL): SQL {
  return sql`(select count(*)::integer from (select from ${rows} limit ${most}::integer) counted)`;
}

/** The same up to one more than `COUNT_LIMIT`, by which a page knows that there are more. */
export function countSome(rows: SQL): SQL {
  return countUpTo(COUNT_LIMIT + 1, rows);
}
