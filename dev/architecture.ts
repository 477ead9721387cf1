import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listSources, readImports } from "./architecture/import-graph";
import { measureJourneys } from "./architecture/journeys";

const ROOTS = [
  "src",
  "packages/client/src",
  "packages/ledger-model/src",
  "packages/stripe-simulator/src",
];
const FOLDERS_SHOWN = 15;

/**
 * `npm run architecture`: how much a newcomer has to open. Prints the number of files, the fullest
 * folders, the files with a single importer, and the files that each main request runs through.
 * `--list` also prints the names.
 */
async function main(): Promise<void> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  process.chdir(root);
  const isVerbose = process.argv.includes("--list");
  const sources = listSources(ROOTS);
  const src = sources.filter((file) => file.startsWith("src/"));
  printFiles(src);
  printFolders();
  printSingleImporters(src, isVerbose);
  for (const { name, files, sqlFiles } of await measureJourneys(root)) {
    console.log(`\n${name}: ${files.length} TypeScript files, ${sqlFiles.length} SQL files`);
    if (isVerbose) for (const file of [...files, ...sqlFiles]) console.log(`  ${file}`);
  }
}

function printFiles(src: readonly string[]): void {
  const sqlFiles = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".sql"),
  );
  console.log(`src: ${src.length} TypeScript files, ${sqlFiles.length} SQL files`);
}

function printFolders(): void {
  const folders = readdirSync("src", { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const counts = new Map<string, number>();
  for (const { parentPath } of folders) counts.set(parentPath, (counts.get(parentPath) ?? 0) + 1);
  console.log("\nfiles directly in the fullest folders:");
  const fullest = [...counts].sort(([, a], [, b]) => b - a).slice(0, FOLDERS_SHOWN);
  for (const [folder, count] of fullest) {
    console.log(`${String(count).padStart(5)}  ${join(folder)}`);
  }
}

function printSingleImporters(src: readonly string[], isVerbose: boolean): void {
  const importers = new Map<string, Set<string>>();
  for (const { from, to } of readImports(src)) {
    if (to !== null) importers.set(to, (importers.get(to) ?? new Set()).add(from));
  }
  const single = [...importers].filter(([, from]) => from.size === 1);
  const adjacent = single.filter(
    ([file, [importer]]) => folderOf(file) === folderOf(importer ?? ""),
  );
  console.log(
    `\nfiles with a single importer: ${single.length}, of which ${adjacent.length} sit beside it`,
  );
  if (isVerbose) for (const [file] of adjacent) console.log(`  ${file}`);
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/"));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
