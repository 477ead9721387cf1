import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { copyTree } from "./swap/copy-tree";
import { replaceProduct } from "./swap/replace-product";
import { runScript } from "./swap/run-script";
import { smokeTest } from "./swap/smoke-test";

const HELP = `npm run check:swap             replaces the product by examples/product-starter in a copy of the
                               tree, builds it, and buys and uses the example
    -- --keep                  keeps the copy and prints where it is`;

const MAX_EDITED_FILES = 5;

/** Proves that the product can be replaced: `npm run check:swap`. */
async function main(): Promise<void> {
  const flags = new Set(process.argv.slice(2));
  if (flags.has("--help")) return console.log(HELP);
  const tree = await copyTree(fileURLToPath(new URL("..", import.meta.url)));
  try {
    const edited = await replaceProduct(tree);
    console.log(`Edited files:\n${edited.map((file) => `  ${file}`).join("\n")}`);
    if (edited.length > MAX_EDITED_FILES) {
      throw new Error(`The swap edits ${edited.length} files; at most ${MAX_EDITED_FILES} may be.`);
    }
    await runScript(tree, "node_modules/next/dist/bin/next", ["typegen"]);
    await runScript(tree, "node_modules/typescript/bin/tsc", ["--noEmit"]);
    console.log("The types are correct.");
    await runScript(tree, "node_modules/next/dist/bin/next", ["build"]);
    console.log("The build is complete.");
    await smokeTest(tree);
    console.log("A pack was bought, and a card was made and charged once.");
  } finally {
    if (flags.has("--keep")) console.log(`The copy is in ${tree}`);
    else await rm(tree, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
