import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** The user a command runs as; null for the current user. */
export type RunAs = { readonly uid: number; readonly gid: number } | null;

export type CommandResult = { readonly exitCode: number; readonly output: string };

/**
 * Runs a command and returns its exit code and output; exit code -1 if it could not be started. It
 * runs in its own session, so that Ctrl-C does not interrupt it, and in `/`, which every user may
 * enter.
 *
 * Waits for `exit`, not `close`: processes that the command leaves running may keep its pipes open.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  runAs: RunAs,
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: "/",
    detached: true,
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    ...(runAs ?? {}),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exitCode = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve(-1);
    });
    child.once("exit", (code) => resolve(code ?? -1));
  });
  await Promise.race([closed, sleep(200, undefined, { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();
  return { exitCode, output: output.trim() };
}

/** English messages, and no PG… variables that would redirect a Postgres tool. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env, LC_ALL: "C" };
  for (const name of Object.keys(environment)) {
    if (name.startsWith("PG")) Reflect.deleteProperty(environment, name);
  }
  return environment;
}
