import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/**
 * Runs a script of a package in a checkout.
 * @throws Error with its output if it fails
 */
export async function runScript(
  tree: string,
  script: string,
  options: readonly string[],
): Promise<void> {
  const child = spawn(process.execPath, [path.join(tree, script), ...options], {
    cwd: tree,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`${script} ${options.join(" ")} failed:\n${output}`);
}
