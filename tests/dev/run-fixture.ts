import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export type Fixture = {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** Its output so far, both streams together. */
  readonly lines: string[];
  /** Waits for the next line with this prefix and returns the whole line. */
  line(beginning: string): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
};

/** Runs a program of tests/dev/fixtures in a separate process. */
export function runFixture(name: string, ...args: string[]): Fixture {
  const file = fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (text) => lines.push(text));
  }
  return {
    process: child,
    lines,
    async line(beginning) {
      const has = () => lines.find((text) => text.startsWith(beginning));
      await until(() => has() !== undefined, `"${beginning}", but got: ${lines.join(" | ")}`);
      return has() ?? "";
    },
    async kill(signal) {
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
      return child.exitCode;
    },
  };
}

/** Waits until the condition holds. Fails after a minute and names the condition. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  expected: string,
): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Timed out waiting for ${expected}`);
    await sleep(25);
  }
}
