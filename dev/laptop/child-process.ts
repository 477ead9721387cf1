import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { guardAgainstOrphans, type OrphanGuard } from "./orphan-guard";
import type { Supervisor } from "./supervisor";

export type StartedChild = {
  /** The first line it prints, if requested; "" if it exits first. */
  readonly firstLine: Promise<string>;
  stop(): Promise<void>;
};

const TERMINATION_TIMEOUT_MS = 10_000;

/**
 * Starts a Node program in its own process group, so that Ctrl-C reaches it through the supervisor and
 * in order. It never outlives this process. When it exits unexpectedly, everything stops.
 */
export async function startChild(
  supervisor: Supervisor,
  options: {
    name: string;
    args: readonly string[];
    cwd: string;
    env: NodeJS.ProcessEnv;
    readsFirstLine?: boolean;
  },
): Promise<StartedChild> {
  const child = spawn(process.execPath, options.args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ["ignore", options.readsFirstLine === true ? "pipe" : "inherit", "inherit"],
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${options.name} did not start: ${await ended}`);
  const guard = guardAgainstOrphans(
    'kill -s TERM -- "-$1"; sleep 5; kill -s KILL -- "-$1"',
    [String(pid)],
    null,
  );
  let stopping = false;
  void ended.then((how) => {
    if (stopping) return;
    const message = `${options.name} exited unexpectedly (${how}); stopping everything else.`;
    void supervisor.end({ exitCode: 1, message });
  });
  return {
    firstLine: options.readsFirstLine === true ? readFirstLine(child, ended) : Promise.resolve(""),
    async stop() {
      stopping = true;
      await endGroup({ pid, ended, guard });
    },
  };
}

async function readFirstLine(child: ChildProcess, ended: Promise<string>): Promise<string> {
  if (child.stdout === null) return "";
  const lines = createInterface({ input: child.stdout });
  const first = new Promise<string>((resolve) => lines.once("line", resolve));
  const line = await Promise.race([first, ended.then(() => "")]);
  // Forward the rest of its output.
  lines.on("line", (text) => console.log(text));
  return line;
}

/** Sends SIGTERM to the group, and SIGKILL after ten seconds. */
async function endGroup(group: {
  pid: number;
  ended: Promise<string>;
  guard: OrphanGuard;
}): Promise<void> {
  signalGroup(group.pid, "SIGTERM");
  const killTimer = setTimeout(() => signalGroup(group.pid, "SIGKILL"), TERMINATION_TIMEOUT_MS);
  await group.ended;
  clearTimeout(killTimer);
  // Kills workers that the child left behind.
  signalGroup(group.pid, "SIGKILL");
  group.guard.disarm();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is empty.
  }
}
