import type postgres from "postgres";
import type { Database } from "@/db/client";
import { LEDGER_TABLES } from "../tables";

/** While the test holds this advisory lock, operations wait at their crash points. */
const LOCK = 9_311;

/**
 * Where an operation pauses: after the nth row its transaction changes, or within COMMIT, when
 * everything is written and nothing is durable.
 */
export type CrashPoint = number | "commit";

/** Installs triggers that pause a transaction at the crash point its session has set. */
export async function installCrashPoints(ownerSql: postgres.Sql): Promise<void> {
  await ownerSql.unsafe(`
    create function pause_after_change() returns trigger language plpgsql as $$
    declare
      nth text := coalesce(nullif(current_setting('crash.changes', true), ''), '0')::integer + 1;
    begin
      perform set_config('crash.changes', nth, true);
      if nth = current_setting('crash.point', true) then
        perform pg_advisory_xact_lock_shared(${LOCK});
      end if;
      return null;
    end $$;
    create function pause_at_commit() returns trigger language plpgsql as $$
    begin
      if current_setting('crash.point', true) = 'commit' then
        perform pg_advisory_xact_lock_shared(${LOCK});
      end if;
      return null;
    end $$;`);
  for (const table of LEDGER_TABLES)
    await ownerSql.unsafe(`
      create trigger zz_pause_after_change after insert or update on ${table}
        for each row execute function pause_after_change();
      create constraint trigger zz_pause_at_commit after insert or update on ${table}
        deferrable initially deferred for each row execute function pause_at_commit();`);
}

/** Sets the crash point of the session. `db` has one connection. */
export async function pauseAt(db: Database, point: CrashPoint): Promise<void> {
  await db.execute(`select set_config('crash.point', '${point}', false)`);
}

/** Runs `work` while operations wait at their crash points; the surviving ones then continue. */
export async function whilePaused(
  ownerSql: postgres.Sql,
  work: () => Promise<void>,
): Promise<void> {
  await ownerSql.begin(async (holder) => {
    await holder`select pg_advisory_xact_lock(${LOCK})`;
    await work();
  });
}

type BackendState = "paused at its crash point" | "waiting for a row" | "in a transaction" | "busy";

/** Returns the process ids of the application's backends in this state, in this database. */
export async function backendsIn(sql: postgres.Sql, expected: BackendState): Promise<number[]> {
  const rows = await sql<{ pid: number; state: string; waitsFor: string | null }[]>`
    select pid, coalesce(state, 'starting') as state,
      case when wait_event_type = 'Lock' then wait_event end as "waitsFor"
    from pg_stat_activity
    where datname = current_database() and usename = 'qiflow_app' and pid <> pg_backend_pid()`;
  const isIn: Record<BackendState, (backend: (typeof rows)[number]) => boolean> = {
    "paused at its crash point": ({ waitsFor }) => waitsFor === "advisory",
    "waiting for a row": ({ waitsFor }) => waitsFor === "transactionid",
    "in a transaction": ({ state }) => state.startsWith("idle in transaction"),
    busy: ({ state }) => state !== "idle",
  };
  return rows.filter(isIn[expected]).map(({ pid }) => pid);
}

/** Terminates backends and waits until they have exited. */
export async function terminateBackends(sql: postgres.Sql, pids: readonly number[]): Promise<void> {
  await sql`select pg_terminate_backend(pid, 60000) from unnest(${[...pids]}::integer[]) pid`;
}
