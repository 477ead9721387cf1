import { existsSync } from "node:fs";
import { chown, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { findFreePort, portFor } from "../laptop/free-port";
import { runCommand } from "../operator/run-command";
import type { PostgresBinaries } from "./postgres-binaries";
import type { PostgresPlace } from "./postgres-place";
import { describeProcess, type ProcessEntry, processesWorkingIn } from "./process-table";

export type ServerPlan = {
  readonly place: PostgresPlace;
  readonly binaries: PostgresBinaries;
  readonly superuserPassword: string;
  readonly settings: Readonly<Record<string, string>>;
};

export type RunningServer = { readonly pid: number; readonly port: number };

const TIMEOUT_MS = 60_000;

/**
 * Creates the cluster if there is none: first under a temporary name, so that an interrupted initdb is
 * never mistaken for a cluster. `collation` has the options of initdb that choose it.
 */
export async function initialiseCluster(
  plan: ServerPlan,
  collation: readonly string[],
): Promise<void> {
  const { place, binaries } = plan;
  if (existsSync(path.join(place.dataDirectory, "PG_VERSION"))) return;
  const unfinished = path.join(place.directory, "data.unfinished");
  await rm(unfinished, { recursive: true, force: true });
  const passwordFile = path.join(place.directory, "password");
  await writeFile(passwordFile, plan.superuserPassword, { mode: 0o600 });
  if (place.runAs !== null) await chown(passwordFile, place.runAs.uid, place.runAs.gid);
  const options = [
    "-D",
    unfinished,
    "--username=postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-instructions",
    ...collation,
    ...(plan.settings.fsync === "off" ? ["--no-sync"] : []),
  ];
  const made = await runCommand(binaries.initdb, options, place.runAs);
  await rm(passwordFile, { force: true });
  if (made.exitCode !== 0) throw new Error(`Postgres could not be set up: ${made.output}`);
  await rename(unfinished, place.dataDirectory);
}

/**
 * Returns the server that already runs on this data directory, left by a killed start, once it accepts
 * connections; null if there is none. Removes a pid file whose pid belongs to another process.
 */
export async function adoptServer(plan: ServerPlan): Promise<RunningServer | null> {
  const { dataDirectory } = plan.place;
  const deadline = Date.now() + TIMEOUT_MS;
  while (Date.now() < deadline) {
    const noted = await readPidFile(dataDirectory);
    if (noted === null) return null;
    const entry = describeProcess(noted.pid);
    // A dead server's pid file stays: Postgres uses it to detect that server's orphans.
    if (entry === null) return null;
    if (!isServerOf(dataDirectory, entry)) {
      await removePidFile(dataDirectory);
      return null;
    }
    if (await isResponding(plan, noted.port)) return noted;
    await sleep(100);
  }
  throw new Error(`A Postgres runs on ${dataDirectory}, but it does not respond.`);
}

/** Starts the server on the port derived from its directory, or on the next free one. */
export async function startServer(plan: ServerPlan): Promise<RunningServer> {
  const { place, binaries } = plan;
  const deadline = Date.now() + TIMEOUT_MS;
  let port = await findFreePort(portFor(place.directory));
  while (true) {
    await rm(place.logFile, { force: true });
    const started = await runCommand(
      binaries.pgCtl,
      ["start", "-w", "-D", place.dataDirectory, "-l", place.logFile, "-o", flags(plan, port)],
      place.runAs,
    );
    const running = await readPidFile(place.dataDirectory);
    if (started.exitCode === 0 && running !== null) return running;
    const log = await readFile(place.logFile, "utf8").catch(() => started.output);
    if (Date.now() > deadline || !isTransient(log)) {
      throw new Error(`Postgres did not start. Its log says:\n${log.trim()}`);
    }
    await sleep(200);
    port = await findFreePort(/Address already in use/.test(log) ? port + 1 : port);
  }
}

/** Stops the server and waits. Sessions end at once; committed data is kept. */
export async function stopServer(plan: Pick<ServerPlan, "place" | "binaries">): Promise<void> {
  const { place, binaries } = plan;
  for (const mode of ["fast", "immediate"]) {
    const options = ["stop", "-w", "-t", "30", "-m", mode, "-D", place.dataDirectory];
    const stopped = await runCommand(binaries.pgCtl, options, place.runAs);
    if (stopped.exitCode === 0 || (await readPidFile(place.dataDirectory)) === null) return;
  }
  throw new Error(`Postgres on ${place.dataDirectory} did not stop.`);
}

/** pg_ctl passes these to a shell. The values are ours and need no quoting. */
function flags(plan: ServerPlan, port: number): string {
  const settings = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    ...plan.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}='${value}'`)
    .join(" ");
}

/** Transient: the port was taken after our check, or a killed server's processes are still ending. */
function isTransient(log: string): boolean {
  return /Address already in use|pre-existing shared memory block|lock file .* already exists/.test(
    log,
  );
}

async function readPidFile(dataDirectory: string): Promise<RunningServer | null> {
  const text = await readFile(path.join(dataDirectory, "postmaster.pid"), "utf8").catch(() => "");
  const [pid, , , port] = text.split("\n").map(Number);
  return pid && port ? { pid, port } : null;
}

/** A zombie has no command line: the server is gone, though its pid is still in use. */
function isServerOf(dataDirectory: string, { commandLine }: ProcessEntry): boolean {
  return commandLine.includes("postgres") && commandLine.includes(dataDirectory);
}

/**
 * Removes a pid file whose pid now belongs to another process, because Postgres would refuse to start.
 * The file also guards against orphaned sessions, so this first waits until they are gone.
 */
async function removePidFile(dataDirectory: string): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (processesWorkingIn(dataDirectory).length > 0) {
    if (Date.now() > deadline) throw new Error(`Processes still work in ${dataDirectory}.`);
    await sleep(100);
  }
  await rm(path.join(dataDirectory, "postmaster.pid"), { force: true });
}

async function isResponding(plan: ServerPlan, port: number): Promise<boolean> {
  const sql = postgres({
    host: "127.0.0.1",
    port,
    database: "postgres",
    max: 1,
    connect_timeout: 5,
    username: "postgres",
    password: plan.superuserPassword,
    onnotice: () => {},
  });
  try {
    const [row] = await sql<{ data_directory: string }[]>`show data_directory`;
    return row?.data_directory === plan.place.dataDirectory;
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === "28P01") {
      throw new Error(
        `The stored password does not open the database in ${plan.place.dataDirectory}: the ` +
          "secrets beside it were lost or replaced. Restore them, or remove both to start from scratch.",
      );
    }
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
