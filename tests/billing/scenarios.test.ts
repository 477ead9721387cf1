import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const SCENARIOS = 41;
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

interface Row {
  readonly scenario: number;
  readonly file: string;
  readonly test: string;
}

let rows: Row[];
beforeAll(async () => {
  const text = await readFile(here("README.md"), "utf8");
  rows = [...text.matchAll(/^\| (\d+) \| .+ \| ([\w/-]+): (.+) \|$/gm)].map(
    ([, scenario, file = "", test = ""]) => ({ scenario: Number(scenario), file, test }),
  );
});

describe("the scenario table", () => {
  it("has a test for every scenario", () => {
    const covered = new Set(rows.map(({ scenario }) => scenario));
    expect([...covered].sort((a, b) => a - b)).toEqual(
      Array.from({ length: SCENARIOS }, (_, index) => index + 1),
    );
  });

  it("names tests that exist", async () => {
    const missing: string[] = [];
    for (const { file, test } of rows) {
      const source = await readFile(here(`${file}.test.ts`), "utf8");
      if (!source.includes(`"${test}"`)) missing.push(`${file}: ${test}`);
    }
    expect(missing).toEqual([]);
  });
});
