import { invalid } from "./fault";

/** A form body as a tree: `a[b][0]=c` is a → b → "0" → "c". */
export type FormTree = Map<string, string | FormTree>;

/** Reads form-encoded text the way Stripe does: brackets nest, `[]` appends. */
export function parseForm(text: string): FormTree {
  const tree: FormTree = new Map();
  for (const [name, value] of new URLSearchParams(text)) {
    place(tree, path(name), value);
  }
  return tree;
}

function path(name: string): string[] {
  const [head = "", ...rest] = name.split("[");
  return [head, ...rest.map((part) => part.replace(/\]$/, ""))];
}

function place(tree: FormTree, keys: string[], value: string): void {
  let branch = tree;
  keys.slice(0, -1).forEach((key) => {
    const next = branch.get(key) ?? new Map();
    if (typeof next === "string") {
      throw invalid(`Invalid form: ${key} is both a value and a group`, key);
    }
    branch.set(key, next);
    branch = next;
  });
  const last = keys.at(-1) ?? "";
  branch.set(last === "" ? String(branch.size) : last, value);
}
