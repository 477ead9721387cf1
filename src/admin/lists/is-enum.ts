import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/**
 * That a column has this value of its enumeration, with the value written out: the partial indexes
 * name it so, and a parameter would not match them.
 */
export function isEnum<Value extends string>(
  column: PgColumn & { enumValues: readonly Value[] },
  value: Value,
): SQL {
  // Only what the enumeration holds is ever written into a statement.
  if (!column.enumValues.includes(value)) throw new Error(`${column.name} is never "${value}".`);
  return sql`${column} = ${sql.raw(`'${value}'`)}`;
}
