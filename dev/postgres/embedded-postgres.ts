import { rm } from "node:fs/promises";
import postgres from "postgres";
import { guardAgainstOrphans, type OrphanGuard } from "../laptop/orphan-guard";
import { locateBinaries } from "./postgres-binaries";
import { makePlace } from "./postgres-place";
import {
  adoptServer,
  initialiseCluster,
  type RunningServer,
  type ServerPlan,
  startServer,
  stopServer,
} from "./postgres-server";
import { isAlive } from "./process-table";

/** Letters and digits only: they are put into SQL and URLs as they are. */
export type PostgresPasswords = {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
};

export type EmbeddedPostgres = {
  /** `qiflow_owner`: owns the database, runs migrations. */
  readonly ownerUrl: string;
  /** `qiflow_app`: the application's login; what it may do is said by src/db/grants.sql. */
  readonly appUrl: string;
  /** Bootstrap only. */
  readonly superuserUrl: string;
  isRunning(): boolean;
  stop(): Promise<void>;
};

/**
 * Starts the Postgres that npm shipped on `directory`, or adopts the one that already runs there,
 * and sees to it that the database `qiflow` and its two roles exist.
 *
 * It listens on 127.0.0.1 only. It ends with `stop()`, and with this process however that ends;
 * `throwaway` then also removes the data.
 * @param settings Postgres settings; none on a laptop, so that it behaves as Postgres does.
 */
export async function startEmbeddedPostgres(options: {
  directory: string;
  passwords: PostgresPasswords;
  settings?: Readonly<Record<string, string>>;
  throwaway?: boolean;
}): Promise<EmbeddedPostgres> {
  if (process.platform === "win32") {
    throw new Error("The embedded Postgres needs macOS or Linux; on Windows use WSL.");
  }
  const place = await makePlace(options.directory);
  const plan: ServerPlan = {
    place,
    binaries: await locateBinaries(place.runAs),
    superuserPassword: options.passwords.superuser,
    settings: options.settings ?? {},
  };
  const throwaway = options.throwaway ?? false;
  const guard = guardServer(plan, throwaway);
  const cleanUp = async () => {
    guard.disarm();
    if (throwaway) await rm(place.directory, { recursive: true, force: true });
  };
  let ours = false;
  try {
    await initialiseCluster(plan);
    const adopted = await adoptServer(plan);
    const server = adopted ?? (await startServer(plan));
    ours = adopted === null;
    const urls = urlsOf(server, options.passwords);
    await createRolesAndDatabase(urls.superuserUrl, options.passwords);
    return {
      ...urls,
      isRunning: () => isAlive(server.pid),
      async stop() {
        await stopServer(plan);
        await cleanUp();
      },
    };
  } catch (error) {
    if (ours) await stopServer(plan);
    await cleanUp();
    throw error;
  }
}

/**
 * Ends the server with us. What is thrown away is looked for a second time, as we may have been
 * killed while it was starting; on a laptop such a server is left to the next start, which may be
 * under way already and adopts it.
 */
function guardServer({ place, binaries }: ServerPlan, throwaway: boolean): OrphanGuard {
  const stop = '"$1" stop -m fast -D "$2"';
  const script = throwaway ? `${stop} || { sleep 3; ${stop}; }; rm -rf "$3"` : stop;
  const args = [binaries.pgCtl, place.dataDirectory, place.directory];
  return guardAgainstOrphans(script, args, place.runAs);
}

function urlsOf(server: RunningServer, passwords: PostgresPasswords) {
  const url = (user: string, password: string, database: string) =>
    `postgres://${user}:${password}@127.0.0.1:${server.port}/${database}`;
  return {
    ownerUrl: url("qiflow_owner", passwords.owner, "qiflow"),
    appUrl: url("qiflow_app", passwords.app, "qiflow"),
    superuserUrl: url("postgres", passwords.superuser, "postgres"),
  };
}

async function createRolesAndDatabase(superuserUrl: string, passwords: PostgresPasswords) {
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => {} });
  try {
    const found = await sql<{ name: string }[]>`
      select rolname as name from pg_roles where rolname in ('qiflow_owner', 'qiflow_app')
      union all select datname from pg_database where datname = 'qiflow'`;
    const has = (name: string) => found.some((row) => row.name === name);
    if (!has("qiflow_owner")) {
      await sql.unsafe(`create role qiflow_owner login password '${passwords.owner}'`);
    }
    if (!has("qiflow_app")) {
      await sql.unsafe(`create role qiflow_app login password '${passwords.app}'`);
    }
    if (!has("qiflow")) await sql.unsafe("create database qiflow owner qiflow_owner");
  } finally {
    await sql.end({ timeout: 5 });
  }
}
