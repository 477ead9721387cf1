import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  findCycles,
  type Import,
  listSources,
  readImports,
} from "../dev/architecture/import-graph";

/** Which folders of `src` a folder may import, besides itself. docs/architecture.md explains the order. */
const mayImport: Record<string, readonly string[] | "everything"> = {
  lib: [],
  env: ["lib"],
  i18n: ["product", "lib"],
  db: ["lib", "env"],
  catalog: ["lib"],
  integrations: ["lib", "env"],
  ledger: ["db", "catalog", "lib"],
  outbox: ["db", "lib"],
  "rate-limit": ["db", "lib", "env"],
  emails: ["outbox", "product", "catalog", "db", "lib", "env", "i18n"],
  alerts: ["outbox", "emails", "db", "lib", "env", "integrations"],
  webhooks: ["outbox", "alerts", "db", "lib", "env"],
  notifications: ["catalog", "ledger", "emails", "db", "lib"],
  rewards: ["catalog", "ledger", "db", "lib", "env"],
  billing: [
    "catalog",
    "ledger",
    "emails",
    "notifications",
    "outbox",
    "alerts",
    "webhooks",
    "integrations",
    "db",
    "lib",
    "env",
  ],
  product: ["catalog", "ledger", "db", "lib"],
  products: [
    "product",
    "accounts",
    "catalog",
    "ledger",
    "notifications",
    "rate-limit",
    "components",
    "db",
    "lib",
  ],
  "public-api": ["auth", "product", "catalog", "ledger", "rate-limit", "db", "lib"],
  auth: ["emails", "rate-limit", "db", "lib"],
  accounts: [
    "components",
    "auth",
    "billing",
    "ledger",
    "product",
    "rewards",
    "notifications",
    "emails",
    "rate-limit",
    "i18n",
    "db",
    "lib",
    "env",
  ],
  admin: [
    "catalog",
    "ledger",
    "public-api",
    "billing",
    "webhooks",
    "rewards",
    "emails",
    "db",
    "lib",
  ],
  jobs: [
    "auth",
    "catalog",
    "ledger",
    "billing",
    "rate-limit",
    "notifications",
    "rewards",
    "emails",
    "outbox",
    "alerts",
    "webhooks",
    "public-api",
    "product",
    "db",
    "lib",
  ],
  components: ["catalog", "lib"],
  app: "everything",
};

/** Packages that only some folders may import. */
const restrictedPackages: Record<string, readonly string[]> = {
  next: ["accounts", "app", "components", "i18n", "products", "proxy", "inspect-requests"],
  stripe: ["integrations", "billing"],
};

/** The only files outside the product that may import it. They register what is sold. */
const PRODUCT_REGISTRATION = [
  "src/product/current.ts",
  "src/product/current-api.ts",
  "src/product/current-components.ts",
  "src/product/current-dashboard-card.ts",
  // The paths of its pages.
  "src/app/[locale]/(app)/(product)/",
  "src/app/[locale]/(marketing)/(product)/",
];
const isRegistration = (file: string) => PRODUCT_REGISTRATION.some((path) => file.startsWith(path));

/** Words of today's product, in code, comments and messages. */
const PRODUCT_WORDS = /bazi|\breadings\b|\breading[:_]|\ba reading\b|八字|命盘|解读/i;

/** Folders of many small, equal parts. */
const UNLIMITED_FOLDERS: readonly string[] = ["src/components/ui"];

const files = listSources(["src"]);
const imports = readImports(files);
const workspaceFiles = listSources([
  "packages/client/src",
  "packages/ledger-model/src",
  "packages/stripe-simulator/src",
]);

/** The first folder below `src`, or the name of a file directly in it. */
function folderOf(path: string): string {
  return path.split("/")[1]?.replace(/\.tsx?$/, "") ?? "";
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  if (to === null) return true;
  if (folderOf(to) === "products") return isRegistration(from) || from.startsWith("src/products/");
  const importer = folderOf(from);
  const allowed = mayImport[importer] ?? "everything";
  if (allowed === "everything" || importer === folderOf(to)) return true;
  return allowed.includes(folderOf(to)) || (importer === "components" && typeOnly);
}

function describeImport({ from, specifier }: Import): string {
  return `${from} imports ${specifier}`;
}

describe("architecture", () => {
  it("lets every folder import only what the table allows", () => {
    expect(imports.filter((edge) => !isAllowed(edge)).map(describeImport)).toEqual([]);
  });

  it("mentions the product only in its folder, its registration and the catalogue", () => {
    const messages = readdirSync("src/i18n/messages", { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".json"))
      .map((path) => `src/i18n/messages/${path}`);
    const mentions = [...files, ...messages].filter(
      (file) =>
        !file.startsWith("src/products/") &&
        file !== "src/catalog/catalog.ts" &&
        !isRegistration(file) &&
        PRODUCT_WORDS.test(readFileSync(file, "utf8")),
    );
    expect(mentions).toEqual([]);
  });

  it("has no import cycles", () => {
    expect(findCycles(imports)).toEqual([]);
  });

  it("keeps at most 20 files directly in a folder", () => {
    const counts = new Map<string, number>();
    for (const root of ["src", "packages"]) {
      for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
        const folder = entry.parentPath;
        if (entry.isFile() && !folder.includes("node_modules"))
          counts.set(folder, (counts.get(folder) ?? 0) + 1);
      }
    }
    const overfull = [...counts].filter(
      ([folder, count]) => count > 20 && !UNLIMITED_FOLDERS.includes(folder),
    );
    expect(overfull).toEqual([]);
  });

  it("lets only some folders import Next and Stripe", () => {
    const violations = imports.filter(({ from, specifier, typeOnly }) => {
      const name = specifier.split("/")[0] ?? "";
      const allowed = restrictedPackages[name];
      return allowed !== undefined && !typeOnly && !allowed.includes(folderOf(from));
    });
    expect(violations.map(describeImport)).toEqual([]);
  });

  it("keeps the workspaces free of imports from src", () => {
    const violations = readImports(workspaceFiles).filter(
      ({ specifier }) => specifier.startsWith("@/") || specifier.includes("/src/"),
    );
    expect(violations.map(describeImport)).toEqual([]);
  });

  it("reads the time in one module only", () => {
    const readers = files.filter(
      (file) =>
        file !== "src/lib/clock.ts" &&
        !file.startsWith("src/components/") &&
        /\bDate\.now\(\)|\bnew Date\(\)/.test(readFileSync(file, "utf8")),
    );
    expect(readers).toEqual([]);
  });
});
