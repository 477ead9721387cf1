import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export interface Import {
  /** The importing file, from the root of the checkout. */
  readonly from: string;
  /** The specifier as written: `@/db`, `./catalog`, `stripe`. */
  readonly specifier: string;
  /** The imported file of this checkout; null for a package. */
  readonly to: string | null;
  readonly typeOnly: boolean;
}

/** Where the modules of a workspace start, by the specifier that names the workspace. */
const WORKSPACES: Readonly<Record<string, string>> = {
  "@qiflow/client": "packages/client/src",
  "@qiflow/ledger-model": "packages/ledger-model/src",
  "@qiflow/stripe-simulator": "packages/stripe-simulator/src",
};

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/gm;

/** The TypeScript files below some folders, from the root of the checkout, sorted. */
export function listSources(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
    )
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
    .filter((path) => !path.includes("node_modules"))
    .sort();
}

/** Every import of the files, as text: `import`, `export … from` and `import("…")`. */
export function readImports(files: readonly string[]): Import[] {
  const known = new Set(files);
  return files.flatMap((from) =>
    [...readFileSync(from, "utf8").matchAll(IMPORT)].map((match) => {
      const specifier = match[2] ?? match[3] ?? "";
      return {
        from,
        specifier,
        to: resolveImport(known, from, specifier),
        typeOnly: match[1] !== undefined,
      };
    }),
  );
}

/** The cycles among the imports that exist at run time, each as "a → b → a". */
export function findCycles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) {
    if (to !== null && !typeOnly) targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const cycles: string[] = [];
  const state = new Map<string, "visiting" | "done">();
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "visiting") {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "visiting");
    for (const next of targets.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, "done");
  };
  for (const file of targets.keys()) visit(file, []);
  return cycles;
}

function resolveImport(known: ReadonlySet<string>, from: string, specifier: string): string | null {
  const base = baseOf(from, specifier);
  if (base === null) return null;
  const candidates = [
    base,
    `${base}.ts`,
    `${base}.tsx`,
    join(base, "index.ts"),
    join(base, "index.tsx"),
  ];
  return candidates.find((candidate) => known.has(candidate)) ?? null;
}

function baseOf(from: string, specifier: string): string | null {
  if (specifier.startsWith("@/")) return join("src", specifier.slice(2));
  if (specifier.startsWith(".")) return normalize(join(dirname(from), specifier));
  for (const [workspace, folder] of Object.entries(WORKSPACES)) {
    if (specifier === workspace) return folder;
    if (specifier.startsWith(`${workspace}/`)) {
      return join(folder, specifier.slice(workspace.length + 1));
    }
  }
  return null;
}
