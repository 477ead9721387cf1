import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CatalogDefinition, defineCatalog } from "@/catalog/define-catalog";

const name = (en: string) => ({ en, "zh-CN": `${en}（中文）` });

/** A valid catalogue that tests change in one place. */
function definition(change: (catalog: CatalogDefinition) => void = () => {}): CatalogDefinition {
  const catalog: CatalogDefinition = {
    currency: "usd",
    allotmentGraceHours: 24,
    signUpGift: { credits: 10, expireDays: 7 },
    dailySignIn: { credits: 1, expireDays: 7, milestones: [] },
    features: { card: { cost: 2, holdMinutes: 5, name: name("Card") } },
    plans: [
      { id: "visitor", tier: 0, name: name("Visitor"), creditsPerMonth: 5 },
      {
        id: "plus",
        tier: 1,
        name: name("Plus"),
        creditsPerMonth: 50,
        prices: { month: { usd: 500 }, year: { usd: 5000 } },
        trial: { days: 7, credits: 10 },
      },
    ],
    packs: [
      { id: "small", name: name("Small"), credits: 10, expireDays: 30, price: { usd: 100 } },
      { id: "big", name: name("Big"), credits: 100, expireDays: null, price: { usd: 900 } },
    ],
  };
  change(catalog);
  return catalog;
}

const changed = (change: (catalog: CatalogDefinition) => void) => () =>
  defineCatalog(definition(change));
const plan = (catalog: CatalogDefinition, n: number) => catalog.plans[n] ?? expect.fail();
const pack = (catalog: CatalogDefinition, n: number) => catalog.packs[n] ?? expect.fail();

describe("defineCatalog", () => {
  it("returns a valid catalogue with its free plan and the defaults", () => {
    const catalog = defineCatalog(definition());
    expect(catalog.freePlan.id).toBe("visitor");
    expect(catalog.plans[1]?.points).toEqual([]);
    expect(catalog.packs[0]?.popular).toBe(false);
  });

  it.each<[string, (catalog: CatalogDefinition) => void, string]>([
    [
      "a missing language",
      (c) => Object.assign(plan(c, 1), { name: { en: "Plus" } }),
      'plans[1] "plus" name.zh-CN',
    ],
    [
      "a blank name",
      (c) => Object.assign(pack(c, 0), { name: name(" ") }),
      'packs[0] "small" name.en',
    ],
    ["an unknown field", (c) => Object.assign(plan(c, 1), { credit: 5 }), 'plans[1] "plus"'],
    ["no credits", (c) => Object.assign(pack(c, 1), { credits: 0 }), 'packs[1] "big" credits'],
    [
      "a fraction of a cent",
      (c) => Object.assign(pack(c, 1), { price: { usd: 9.5 } }),
      'packs[1] "big" price.usd',
    ],
    ["a tier out of order", (c) => Object.assign(plan(c, 1), { tier: -1 }), 'plans[1] "plus" tier'],
    [
      "a free plan with a price",
      (c) => Object.assign(plan(c, 0), { prices: { month: { usd: 1 } } }),
      "the first plan is free",
    ],
    [
      "a second free plan",
      (c) => Object.assign(plan(c, 1), { prices: {}, trial: undefined }),
      'plans[1] "plus" prices: needs a price',
    ],
    [
      "a higher tier with fewer credits",
      (c) => Object.assign(plan(c, 1), { creditsPerMonth: 4, trial: undefined }),
      'is less than 5 of the lower tier "visitor"',
    ],
    [
      "a year that costs more than twelve months",
      (c) => Object.assign(plan(c, 1), { prices: { month: { usd: 500 }, year: { usd: 6001 } } }),
      'plans[1] "plus" prices.year.usd: costs more than twelve months',
    ],
    [
      "a trial that grants more than a month",
      (c) => Object.assign(plan(c, 1), { trial: { days: 7, credits: 51 } }),
      "grants more than a month's 50 credits",
    ],
    [
      "a trial of a plan without a subscription",
      (c) => Object.assign(plan(c, 1), { prices: { once: { usd: 500 } } }),
      "needs a monthly or yearly price",
    ],
    ["packs out of order", (c) => c.packs.reverse(), "packs go from the smallest to the biggest"],
    [
      "a big pack that costs more per credit",
      (c) => Object.assign(pack(c, 1), { price: { usd: 1001 } }),
      'a credit costs more than in the smaller pack "small"',
    ],
    [
      "the same id twice",
      (c) => Object.assign(pack(c, 1), { id: "small" }),
      '"small" is used twice',
    ],
    [
      "a plan id that is another plan's item",
      (c) => Object.assign(plan(c, 0), { id: "plus-monthly" }),
      'clashes with an item of "plus"',
    ],
    [
      "a plan id that looks like a pack's",
      (c) => Object.assign(plan(c, 0), { id: "pack-free" }),
      'must not begin with "pack-"',
    ],
    [
      "a price that lacks a currency",
      (c) => Object.assign(pack(c, 0), { price: { usd: 100, eur: 90 } }),
      'packs[1] "big" price.eur: is missing',
    ],
    [
      "a big pack that costs more per credit in another currency",
      (c) => {
        Object.assign(pack(c, 0), { price: { usd: 100, eur: 90 } });
        Object.assign(pack(c, 1), { price: { usd: 900, eur: 901 } });
      },
      'packs[1] "big" price.eur: a credit costs more',
    ],
    [
      "a fraction that Stripe does not charge in a currency with three decimals",
      (c) => Object.assign(pack(c, 0), { price: { usd: 100, kwd: 305 } }),
      'packs[0] "small" price.kwd: must be a multiple of 10',
    ],
    [
      "a fraction of a currency that has none",
      (c) => Object.assign(pack(c, 0), { price: { usd: 100, isk: 14_050 } }),
      'packs[0] "small" price.isk: must be a multiple of 100',
    ],
  ])("names the place of %s", (_, change, message) => {
    expect(changed(change)).toThrow(message);
  });

  it("lists every fault at once", () => {
    const twice = changed((c) => {
      Object.assign(pack(c, 0), { credits: -1 });
      Object.assign(plan(c, 1), { creditsPerMonth: 1.5 });
    });
    expect(twice).toThrow(/plans\[1\] "plus" creditsPerMonth.*[\s\S]*packs\[0\] "small" credits/);
  });

  it("names the line of every fault in the source", () => {
    const faulty = definition((c) => {
      Object.assign(plan(c, 1), {
        name: { en: "Plus" },
        prices: { month: { usd: 500 }, year: { usd: 0 } },
      });
      Object.assign(pack(c, 1), { credit: 5 });
    });
    const text = `defineCatalog(${JSON.stringify(faulty, null, 2)});\n`;
    const file = temporaryFile(text);
    const lineOf = (part: string) => text.slice(0, text.indexOf(part)).split("\n").length;
    expect(messageOf(() => defineCatalog(faulty, file)).split("\n")).toEqual([
      "The catalogue has faults:",
      expect.stringMatching(
        `^  ${file}:${lineOf('"name": {\n        "en": "Plus"')} plans\\[1\\] "plus" name.zh-CN: `,
      ),
      expect.stringMatching(
        `^  ${file}:${lineOf('"usd": 0')} plans\\[1\\] "plus" prices.year.usd: `,
      ),
      `  ${file}:${lineOf('"credit": 5')} packs[1] "big" credit: is not a field`,
    ]);
  });

  it("names the file only where its text is not available", () => {
    const faulty = definition((c) => Object.assign(plan(c, 1), { tier: 0.5 }));
    expect(messageOf(() => defineCatalog(faulty, "absent.ts"))).toMatch(
      /^ {2}absent\.ts plans\[1\] "plus" tier: /m,
    );
  });
});

function messageOf(define: () => unknown): string {
  try {
    define();
  } catch (error) {
    return error instanceof Error ? error.message : expect.fail();
  }
  return expect.fail("The catalogue has no fault.");
}

function temporaryFile(text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "qiflow-catalog-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "catalog.ts");
  writeFileSync(file, text);
  return file;
}
