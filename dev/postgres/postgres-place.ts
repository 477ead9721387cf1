import { chmod, chown, mkdir, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { type RunAs, runCommand } from "../operator/run-command";
import { reachablePlace } from "./postgres-binaries";

/** The server's directory: the data directory, the log and temporary files. */
export type PostgresPlace = {
  readonly runAs: RunAs;
  readonly directory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
};

/**
 * Creates the server's directory and chooses the user it runs as: the current user, or `postgres` or
 * `nobody` for root, because Postgres refuses to run as root. If root starts a directory that belongs
 * to an ordinary user, the server runs as that user.
 */
export async function preparePlace(wanted: string): Promise<PostgresPlace> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const runAs = await chooseUser(wanted);
  const directory = await reachableFor(runAs, wanted);
  return {
    runAs,
    directory,
    dataDirectory: path.join(directory, "data"),
    logFile: path.join(directory, "server.log"),
  };
}

async function chooseUser(wanted: string): Promise<RunAs> {
  const owner = await stat(wanted);
  if (process.getuid?.() !== 0) {
    if (owner.uid === process.getuid?.()) return null;
    throw new Error(
      `${wanted} belongs to another user who started QiFlow here. ` +
        "Start it as that user, or remove the directory.",
    );
  }
  if (owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ["postgres", "nobody"]) {
    const uid = await runCommand("id", ["-u", name], null);
    const gid = await runCommand("id", ["-g", name], null);
    if (uid.exitCode === 0 && gid.exitCode === 0) {
      return { uid: Number(uid.output), gid: Number(gid.output) };
    }
  }
  throw new Error("Postgres refuses to run as root, and neither `postgres` nor `nobody` exists.");
}

async function reachableFor(runAs: RunAs, wanted: string): Promise<string> {
  if (runAs === null) return wanted;
  await chown(wanted, runAs.uid, runAs.gid);
  const probe = await runCommand("/bin/sh", ["-c", 'cd "$1"', "probe", wanted], runAs);
  if (probe.exitCode === 0) {
    await chmod(wanted, 0o700);
    return wanted;
  }
  await chown(wanted, 0, 0);
  await rmdir(wanted);
  const elsewhere = await reachablePlace(wanted, runAs);
  await chown(elsewhere, runAs.uid, runAs.gid);
  return elsewhere;
}
