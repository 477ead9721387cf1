import { rm } from "node:fs/promises";
import postgres from "postgres";
import { guardAgainstOrphans, type OrphanGuard } from "../laptop/orphan-guard";
import { locateBinaries } from "./postgres-binaries";
import { preparePlace } from "./postgres-place";
import {
  adoptServer,
  initialiseCluster,
  type RunningServer,
  type ServerPlan,
  startServer,
  stopServer,
} from "./postgres-server";
import { isAlive } from "./process-table";

/** The same on every machine. */
const COLLATION = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];

/** Letters and digits only, because they are inserted into SQL and URLs without quoting. */
export type PostgresPasswords = {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
};

export type EmbeddedPostgres = {
  /** `qiflow_owner`: owns the database and runs migrations. */
  readonly ownerUrl: string;
  /** `qiflow_app`: the application's role, with the rights in src/db/grants.sql. */
  readonly appUrl: string;
  /** For bootstrapping only. */
  readonly superuserUrl: string;
  isRunning(): boolean;
  stop(): Promise<void>;
};

/**
 * Starts the Postgres that npm installed in `directory`, or adopts the server that already runs there,
 * and creates the database `qiflow` and its two roles if they are missing.
 *
 * It listens on 127.0.0.1 only. It stops with `stop()`, and with this process however that ends.
 * `throwaway` also removes the data.
 * @param settings Postgres settings; empty on a laptop, which runs Postgres's defaults
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
  const place = await preparePlace(options.directory);
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
    await initialiseCluster(plan, COLLATION);
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
 * Stops the server when this process ends. A throwaway server is stopped a second time after three
 * seconds, because it may still have been starting. On a laptop such a server is left running: the
 * next start adopts it.
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
