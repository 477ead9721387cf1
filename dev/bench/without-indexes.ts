import type postgres from "postgres";

/**
 * Drops the tables' indexes, runs the work, and builds them again, which is faster than maintaining
 * them; with `keys`, primary and unique keys too.
 */
export async function withoutIndexes(
  sql: postgres.Sql,
  tables: readonly string[],
  work: () => Promise<void>,
  { keys = false }: { keys?: boolean } = {},
): Promise<void> {
  const constraints = keys
    ? await sql<{ table: string; name: string; definition: string }[]>`
        select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
        from pg_constraint
        where conrelid::regclass::text in ${sql(tables)} and contype in ('p', 'u')`
    : [];
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexname as name, indexdef as definition from pg_indexes
    where tablename in ${sql(tables)}
      and not exists (select from pg_constraint where conname = indexname)`;
  for (const { table, name } of constraints)
    await sql.unsafe(`alter table ${table} drop constraint "${name}" cascade`);
  for (const { name } of indexes) await sql`drop index ${sql(name)}`;
  await work();
  for (const { table, name, definition } of constraints)
    await sql.unsafe(`alter table ${table} add constraint "${name}" ${definition}`);
  for (const { definition } of indexes) await sql.unsafe(definition);
}
