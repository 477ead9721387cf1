import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** That one of a key's parts (`email:purchase:checkout:cs_…`) is one of these ids, whole. */
export function isAbout(key: PgColumn, ids: readonly string[]): SQL {
  return sql`string_to_array(${key}, ':') && ${sql.param([...ids])}::text[]`;
}
