import { readFile } from "node:fs/promises";
import path from "node:path";
import { applyEdit } from "../copy/apply-edit";
import { listFiles } from "../copy/copy-tree";

const GUIDE = "docs/guides/add-a-plan.md";

/**
 * Adds the plan of the guide to the catalogue of a copy, as the guide says.
 * @throws if any other file of the copy differs from the checkout
 */
export async function addPlan(root: string, tree: string): Promise<void> {
  const file = "src/catalog/catalog.ts";
  const guide = await readFile(path.join(tree, GUIDE), "utf8");
  const [, plan] = /```ts\n([\s\S]*?)```/.exec(guide) ?? [];
  if (plan === undefined) throw new Error(`${GUIDE} shows no plan.`);
  const end = "  ],\n  packs: [";
  await applyEdit(tree, { file, from: /^ {2}\],\n {2}packs: \[/m, to: plan + end });
  const changed = await changedFiles(root, tree);
  if (changed.join() !== file) throw new Error(`A plan changes ${changed.join(", ")}.`);
}

async function changedFiles(root: string, tree: string): Promise<string[]> {
  const changed: string[] = [];
  for (const file of await listFiles(root)) {
    const [before, after] = await Promise.all(
      [root, tree].map((folder) => readFile(path.join(folder, file))),
    );
    if (before === undefined || after === undefined || !before.equals(after)) changed.push(file);
  }
  return changed;
}
