import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

export type SqlFile = { readonly name: string; readonly text: string };

/** Reads the ledger's SQL files and a hash that identifies the set. */
export async function readFunctionSet(
  root: string,
): Promise<{ files: readonly SqlFile[]; setHash: string }> {
  const folder = path.join(root, "src/ledger/sql");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const files = await Promise.all(
    names.map(async (name) => ({
      name: `ledger/sql/${name}`,
      text: await readFile(path.join(folder, name), "utf8"),
    })),
  );
  const journal = await readFile(path.join(root, "drizzle/meta/_journal.json"));
  return { files, setHash: hashOf(journal, files) };
}

/** Includes the migration journal, because a migration may have dropped a function. */
function hashOf(journal: Buffer, files: readonly SqlFile[]): string {
  const hash = createHash("sha256");
  hash.update(journal);
  for (const file of files) hash.update(`\0${file.name}\0${file.text}`);
  return hash.digest("hex");
}
