import { chown, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../laptop/free-port";
import { guardAgainstOrphans } from "../laptop/orphan-guard";
import { runCommand } from "../operator/run-command";
import type { DebianPostgres } from "./debian-postgres";
import { PGBOUNCER } from "./packages";

const TIMEOUT_MS = 30_000;

/**
 * Starts PgBouncer in transaction mode in front of a server, for the role `qiflow_app` with the
 * superuser's password. Its files are in the server's directory.
 */
export async function startPgBouncer(server: DebianPostgres) {
  const { directory, runAs } = server.place;
  const file = (name: string) => path.join(directory, name);
  const port = await findFreePort(server.port + 1);
  const settings = file("pgbouncer.ini");
  const pidFile = file("pgbouncer.pid");
  await writeFile(file("users.txt"), `"qiflow_app" "${server.superuserPassword}"\n`, {
    mode: 0o600,
  });
  await writeFile(
    settings,
    `[databases]
* = host=127.0.0.1 port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${file("users.txt")}
pool_mode = transaction
default_pool_size = 30
max_client_conn = 1000
pidfile = ${pidFile}
logfile = ${file("pgbouncer.log")}
`,
  );
  if (runAs !== null)
    for (const one of [settings, file("users.txt")]) await chown(one, runAs.uid, runAs.gid);
  const started = await runCommand(PGBOUNCER, ["-d", settings], runAs);
  if (started.exitCode !== 0) throw new Error(`PgBouncer did not start: ${started.output}`);
  const guard = guardAgainstOrphans('kill "$(cat "$1")"', [pidFile], runAs);
  await untilListening(port);
  return {
    url: `postgres://127.0.0.1:${port}`,
    async stop() {
      process.kill(Number(await readFile(pidFile, "utf8")), "SIGTERM");
      guard.disarm();
    },
  };
}

async function untilListening(port: number): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (Date.now() > deadline) throw new Error(`PgBouncer does not listen on port ${port}.`);
    await sleep(100);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
}
