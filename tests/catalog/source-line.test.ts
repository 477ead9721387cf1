import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findLine, readSource } from "@/catalog/source-line";
import { catalog } from "../../src/catalog/catalog";

const CATALOG_FILE = "src/catalog/catalog.ts";

const source = `import { define } from "./define"; // define({ plans: [] })
const shared = { points: [] };
export const sold = define({
  currency: "u}s,d", /* { plans:
  [ */
  plans: [
    { id: "free", name: \`{
\` },
    {
      ...shared,
      "id": 'it\\'s, "pro"', // a comment, with [ brackets
      name: label({ en: "Pro" }, ["x", "y"]),
      prices: { month: { usd: 990 },
        year: { usd: 12 * (990 - 1) } },
    } satisfies Plan,
    ...more,
    { id: "max" },
  ],
  packs,
});
`;

describe("findLine", () => {
  it.each<[PropertyKey[], number]>([
    [[], 3],
    [["currency"], 4],
    [["plans"], 6],
    [["plans", 0], 7],
    [["plans", 1], 9],
    [["plans", 1, "id"], 11],
    [["plans", 1, "name"], 12],
    [["plans", 1, "prices", "month", "usd"], 13],
    [["plans", 1, "prices", "year", "usd"], 14],
    [["packs"], 19],
  ])("finds %j in line %i", (path, line) => {
    expect(findLine(source, "define", path)).toBe(line);
  });

  it.each<[string, PropertyKey[], number]>([
    ["a missing field", ["plans", 1, "tier"], 9],
    ["a missing currency", ["plans", 1, "prices", "year", "eur"], 14],
    ["a missing element", ["plans", 7, "id"], 6],
    ["a field of a call's result", ["plans", 1, "name", "en"], 12],
    ["an element behind a spread", ["plans", 3, "id"], 6],
    ["an element of a variable", ["packs", 0, "credits"], 19],
  ])("returns the line of the value around %s", (_, path, line) => {
    expect(findLine(source, "define", path)).toBe(line);
  });

  it("returns null without a call of the function", () => {
    expect(findLine("const define = 1;", "define", ["plans"])).toBeNull();
  });

  it("finds every field of the catalogue", () => {
    const text = readFileSync(CATALOG_FILE, "utf8");
    const lines = text.split("\n");
    const { freePlan, ...written } = catalog;
    // Fields with a default need not be written.
    const found = leaves(written).filter(({ value }) => value !== false);
    expect(found.length).toBeGreaterThan(50);
    for (const { path, key, value } of found) {
      const line = lines[(findLine(text, "defineCatalog", path) ?? 0) - 1];
      expect(line, path.join(".")).toContain(typeof value === "string" ? value : key);
    }
  });
});

describe("readSource", () => {
  it("returns the text of a file, and null if there is none", () => {
    expect(readSource(CATALOG_FILE)).toContain("defineCatalog({");
    expect(readSource("src/catalog/absent.ts")).toBeNull();
  });
});

interface Leaf {
  readonly path: readonly PropertyKey[];
  readonly key: string;
  readonly value: unknown;
}

/** Every string, number and boolean in a value. */
function leaves(value: object, path: readonly PropertyKey[] = []): Leaf[] {
  return Object.entries(value).flatMap(([key, one]: [string, unknown]) => {
    const inner = [...path, Array.isArray(value) ? Number(key) : key];
    return typeof one === "object" && one !== null
      ? leaves(one, inner)
      : [{ path: inner, key, value: one }];
  });
}
