import { spawn } from "node:child_process";
import { Socket } from "node:net";
import type { RunAs } from "../operator/run-command";

export type OrphanGuard = { disarm(): void };

/**
 * Runs a shell script if this process ends without disarming the guard, even by `kill -9`.
 *
 * A small shell in its own session reads from a pipe that only this process holds open. The kernel
 * closes the pipe with the process. Polling a pid would be unsafe, because pids are reused.
 * @param script receives `args` as "$1", "$2", …
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
  // The pipe must not keep this process alive.
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  guard.stdin.on("error", () => {});
  return {
    /** Kills the shell before closing the pipe could trigger the script. */
    disarm() {
      guard.kill("SIGKILL");
    },
  };
}
