import { spawn } from "node:child_process";
import { Socket } from "node:net";
import type { RunAs } from "../operator/run-command";

export type OrphanGuard = { disarm(): void };

/**
 * Runs a shell script when this process has gone without disarming the guard, by `kill -9` too.
 *
 * A small shell in a session of its own reads from a pipe that only we hold open, and never write to:
 * the kernel closes it with us, however we end. A pid to poll could meanwhile belong to another process.
 * @param script sees `args` as "$1", "$2", …
 */
export function guardAgainstOrphans(
  script: string,
  args: readonly string[],
  runAs: RunAs = null,
): OrphanGuard {
  const guard = spawn("/bin/sh", ["-c", `read -r _; ${script}`, "orphan-guard", ...args], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    ...(runAs ?? {}),
  });
  guard.unref();
  // The pipe alone shall not keep us running.
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  guard.stdin.on("error", () => {});
  return {
    /** Ends the shell before the pipe's end could set it off. */
    disarm() {
      guard.kill("SIGKILL");
    },
  };
}
