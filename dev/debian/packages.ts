import { existsSync } from "node:fs";
import { runCommand } from "../operator/run-command";
import type { PostgresBinaries } from "../postgres/postgres-binaries";

const BIN = "/usr/lib/postgresql/15/bin";

export const POSTGRES_15: PostgresBinaries = { initdb: `${BIN}/initdb`, pgCtl: `${BIN}/pg_ctl` };
export const PGBOUNCER = "/usr/sbin/pgbouncer";

/**
 * Installs Debian's Postgres 15 and PgBouncer if they are missing.
 * @throws Error if they are missing and this is not root on Debian 12
 */
export async function installPackages(): Promise<void> {
  const missing = [
    ...(existsSync(POSTGRES_15.initdb) ? [] : ["postgresql-15"]),
    ...(existsSync(PGBOUNCER) ? [] : ["pgbouncer"]),
  ];
  if (missing.length === 0) return;
  const names = missing.join(" and ");
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(
      `${names} must be installed. Run this as root on Debian 12, which installs what is missing.`,
    );
  }
  console.log(`Installing ${names}.`);
  const install = ["install", "-y", "--no-install-recommends", ...missing];
  for (const args of [["update"], install]) {
    const done = await runCommand("apt-get", ["-q", ...args], null);
    if (done.exitCode !== 0) throw new Error(`apt-get ${args.join(" ")} failed:\n${done.output}`);
  }
}
