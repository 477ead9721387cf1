import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { copyTree } from "./copy-tree";
import { runScript } from "./run-script";

/** The root of this checkout. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs a check in a copy of the tree. On failure, prints the error and sets the exit code. Deletes the
 * copy unless `--keep` is given.
 */
export function checkCopy(
  { help, tests }: { help: string; tests: boolean },
  check: (tree: string) => Promise<void>,
): void {
  const flags = new Set(process.argv.slice(2));
  if (flags.has("--help")) {
    console.log(help);
    return;
  }
  const run = async () => {
    const tree = await copyTree(ROOT, { tests });
    try {
      await check(tree);
    } finally {
      if (flags.has("--keep")) console.log(`The copy is in ${tree}`);
      else await rm(tree, { recursive: true, force: true });
    }
  };
  run().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}

/** Checks the types of a copy and builds it. */
export async function buildCopy(tree: string): Promise<void> {
  await runScript(tree, "node_modules/next/dist/bin/next", ["typegen"]);
  await runScript(tree, "node_modules/typescript/bin/tsc", ["--noEmit"]);
  console.log("The types are correct.");
  await runScript(tree, "node_modules/next/dist/bin/next", ["build"]);
  console.log("The build is complete.");
}
