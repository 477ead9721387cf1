import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

export interface Edit {
  readonly file: string;
  /** What is replaced. Must occur exactly once. */
  readonly from: RegExp;
  readonly to: string;
}

/** Edits a file of a copy. */
export async function applyEdit(tree: string, { file, from, to }: Edit): Promise<void> {
  const text = await readFile(path.join(tree, file), "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} does not contain ${from} once.`);
  await writeFile(
    path.join(tree, file),
    text.replace(from, () => to),
  );
}
