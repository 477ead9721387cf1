import { type SQL, sql } from "drizzle-orm";
import { COUNT_LIMIT } from "@/lib/formats";

/** SQL expression that counts rows (the text after `from`) up to `most`. */
export function countUpTo(most: number, rows: SQL): SQL {
  return sql`(select count(*)::integer from (select from ${rows} limit ${most}::integer) counted)`;
}

/** Counts up to `COUNT_LIMIT` + 1, which shows a page that there are more. */
export function countSome(rows: SQL): SQL {
  return countUpTo(COUNT_LIMIT + 1, rows);
}
