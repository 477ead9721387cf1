import type postgres from "postgres";
import type { Database } from "@/db/client";
import { LEDGER_TABLES } from "./ledger-tables";

/** Whoever holds this lock keeps every operation standing at its crash point. */
const LOCK = 9_311;

/**
 * Where an operation stands still: after the nth row that its transaction has changed, or within
 * COMMIT, when all is written and nothing kept.
 */
export type CrashPoint = number | "commit";

/** Teaches a test's database to let an operation come as far as its session asks, and no further. */
export async function installCrashPoints(ownerSql: postgres.Sql): Promise<void> {
  await ownerSql.unsafe(`
    create function stand_after_change() returns trigger language plpgsql as $$
    declare
      nth text := coalesce(nullif(current_setting('crash.changes', true), ''), '0')::integer + 1;
    begin
      perform set_config('crash.changes', nth, true);
      if nth = current_setting('crash.point', true) then
        perform pg_advisory_xact_lock_shared(${LOCK});
      end if;
      return null;
    end $$;
    create function stand_at_commit() returns trigger language plpgsql as $$
    begin
      if current_setting('crash.point', true) = 'commit' then
        perform pg_advisory_xact_lock_shared(${LOCK});
      end if;
      return null;
    end $$;`);
  for (const table of LEDGER_TABLES)
    await ownerSql.unsafe(`
      create trigger zz_stand_after_change after insert or update on ${table}
        for each row execute function stand_after_change();
      create constraint trigger zz_stand_at_commit after insert or update on ${table}
        deferrable initially deferred for each row execute function stand_at_commit();`);
}

/** What the only connection of `db` does from now on stops at `point`, as long as the lock is held. */
export async function standAt(db: Database, point: CrashPoint): Promise<void> {
  await db.execute(`select set_config('crash.point', '${point}', false)`);
}

/** Runs `work` while operations stand at their crash points; those still alive go on afterwards. */
export async function whileStanding(
  ownerSql: postgres.Sql,
  work: () => Promise<void>,
): Promise<void> {
  await ownerSql.begin(async (holder) => {
    await holder`select pg_advisory_xact_lock(${LOCK})`;
    await work();
  });
}

type Doing = "stands at its crash point" | "waits for a row" | "is in a transaction" | "is busy";

/** The application's backends in this database of which that is true, by their process ids. */
export async function backendsThat(sql: postgres.Sql, doing: Doing): Promise<number[]> {
  const rows = await sql<{ pid: number; state: string; waitsFor: string | null }[]>`
    select pid, coalesce(state, 'starting') as state,
      case when wait_event_type = 'Lock' then wait_event end as "waitsFor"
    from pg_stat_activity
    where datname = current_database() and usename = 'qiflow_app' and pid <> pg_backend_pid()`;
  const isTrue: Record<Doing, (backend: (typeof rows)[number]) => boolean> = {
    "stands at its crash point": ({ waitsFor }) => waitsFor === "advisory",
    "waits for a row": ({ waitsFor }) => waitsFor === "transactionid",
    "is in a transaction": ({ state }) => state.startsWith("idle in transaction"),
    "is busy": ({ state }) => state !== "idle",
  };
  return rows.filter(isTrue[doing]).map(({ pid }) => pid);
}

/** Ends backends, and waits until they are gone. */
export async function cut(sql: postgres.Sql, pids: readonly number[]): Promise<void> {
  await sql`select pg_terminate_backend(pid, 60000) from unnest(${[...pids]}::integer[]) pid`;
}
