import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/**
 * Compares an enum column with a literal. Partial indexes name the literal, so a parameter would not
 * match them.
 */
export function enumEquals<Value extends string>(
  column: PgColumn & { enumValues: readonly Value[] },
  value: Value,
): SQL {
  // Only values of the enumeration may be written into a statement.
  if (!column.enumValues.includes(value)) throw new Error(`${column.name} is never "${value}".`);
  return sql`${column} = ${sql.raw(`'${value}'`)}`;
}

/** Matches a key such as `email:purchase:checkout:cs_…` if one of its parts equals one of the ids. */
export function keyContainsAny(key: PgColumn, ids: readonly string[]): SQL {
  return sql`string_to_array(${key}, ':') && ${sql.param([...ids])}::text[]`;
}
