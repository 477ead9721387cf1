import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

/** Which folder of `src` may import which others: the architecture, held by this test. */
const mayImport: Record<string, readonly string[] | "everything"> = {
  lib: [],
  env: [],
  i18n: ["lib"],
  db: ["lib", "env"],
  catalog: ["lib"],
  integrations: ["lib", "env"],
  ledger: ["db", "catalog", "lib"],
  outbox: ["db", "lib", "integrations"],
  "rate-limit": ["db", "lib", "auth"],
  emails: ["outbox", "db", "lib", "env", "integrations", "i18n"],
  alerts: ["outbox", "emails", "ledger", "db", "lib", "env", "integrations"],
  notifications: ["catalog", "ledger", "emails", "i18n", "db", "lib"],
  rewards: ["catalog", "ledger", "db", "lib"],
  billing: [
    "catalog",
    "ledger",
    "emails",
    "notifications",
    "outbox",
    "alerts",
    "integrations",
    "db",
    "lib",
    "env",
  ],
  products: ["catalog", "ledger", "notifications", "rate-limit", "i18n", "db", "lib"],
  auth: ["accounts", "ledger", "products", "emails", "rate-limit", "db", "lib", "env"],
  accounts: [
    "auth",
    "billing",
    "ledger",
    "products",
    "rewards",
    "notifications",
    "emails",
    "db",
    "lib",
    "env",
  ],
  admin: ["catalog", "ledger", "billing", "outbox", "alerts", "emails", "rewards", "db", "lib"],
  jobs: "everything",
  components: ["lib"],
  app: "everything",
};

/** Which packages are kept to which folders. */
const keptTo: Record<string, readonly string[]> = {
  next: ["app", "auth", "components", "i18n", "proxy"],
  stripe: ["integrations", "billing"],
};

interface Import {
  readonly from: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const root = "src";
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
  .map((path) => join(root, path));

const folderOf = (path: string) =>
  relative(root, path)
    .split("/")[0]
    ?.replace(/\.tsx?$/, "") ?? "";

function importsOf(path: string): Import[] {
  const text = readFileSync(path, "utf8");
  const found = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/gm,
  );
  return [...found].map((match) => ({
    from: path,
    target: match[2] ?? match[3] ?? "",
    typeOnly: match[1] !== undefined,
  }));
}

/** The file of ours that an import leads to, or null for a package. */
function ours(edge: Import): string | null {
  if (edge.target.startsWith("@/")) return join(root, edge.target.slice(2));
  if (edge.target.startsWith(".")) return normalize(join(dirname(edge.from), edge.target));
  return null;
}

const edges = files.flatMap(importsOf);

describe("architecture", () => {
  it("lets every folder import only what the table allows", () => {
    const broken = edges.flatMap((edge) => {
      const target = ours(edge);
      if (target === null) return [];
      const from = folderOf(edge.from);
      const to = folderOf(target);
      const allowed = from in mayImport ? mayImport[from] : "everything";
      const fine =
        from === to ||
        allowed === "everything" ||
        allowed?.includes(to) ||
        (from === "components" && edge.typeOnly);
      return fine ? [] : [`${edge.from} imports ${edge.target}`];
    });
    expect(broken).toEqual([]);
  });

  it("has no circles between files", () => {
    const graph = new Map<string, string[]>();
    const known = new Set(files);
    for (const edge of edges) {
      const base = ours(edge);
      if (base === null || edge.typeOnly) continue;
      const candidates = [
        base,
        `${base}.ts`,
        `${base}.tsx`,
        `${base}/index.ts`,
        `${base}/index.tsx`,
      ];
      const file = candidates.find((candidate) => known.has(candidate));
      if (file !== undefined) graph.set(edge.from, [...(graph.get(edge.from) ?? []), file]);
    }
    const circles: string[] = [];
    const state = new Map<string, "visiting" | "done">();
    const visit = (file: string, trail: string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "visiting") {
        circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
        return;
      }
      state.set(file, "visiting");
      for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
      state.set(file, "done");
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it("keeps Next and Stripe to their folders", () => {
    const strayed = edges.flatMap((edge) => {
      const packageName = Object.keys(keptTo).find(
        (name) => edge.target === name || edge.target.startsWith(`${name}/`),
      );
      if (packageName === undefined || edge.typeOnly) return [];
      return keptTo[packageName]?.includes(folderOf(edge.from))
        ? []
        : [`${edge.from} imports ${edge.target}`];
    });
    expect(strayed).toEqual([]);
  });

  it("reads the time in one place only", () => {
    const readers = files.filter(
      (file) =>
        file !== join(root, "lib", "clock.ts") &&
        !file.startsWith(join(root, "components")) &&
        /\bDate\.now\(\)|\bnew Date\(\)/.test(readFileSync(file, "utf8")),
    );
    expect(readers).toEqual([]);
  });
});
