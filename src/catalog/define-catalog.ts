import { z } from "zod";
import { chargeStep } from "@/lib/currencies";
import { LOCALES, type Locale } from "@/lib/locales";
import { rateCard, typicalCostOf, UnpricedUse } from "./rate-card";
import { findLine, readSource } from "./source-line";

/** How often a plan is paid. `once`: paid once, with monthly credits without an end. */
export const INTERVALS = ["month", "year", "once"] as const;
export type Interval = (typeof INTERVALS)[number];

/** The same text in every language. */
export type Texts = Readonly<Record<Locale, string>>;

const id = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be lower-case words with dashes");
const count = z.int().positive();
const texts = z.record(z.enum(LOCALES), z.string().trim().min(1)) satisfies z.ZodType<Texts>;
/** Minor units by lower-case ISO 4217 code. */
const amounts = z.record(z.string().regex(/^[a-z]{3}$/, "must be a currency such as usd"), count);

const trial = z.strictObject({
  days: count,
  /** The trial's lot, in all. It expires when the trial ends. */
  credits: count,
});

const plan = z.strictObject({
  id,
  /** Orders plans: a switch to a higher tier is an upgrade. The free plan has tier 0. */
  tier: z.int().nonnegative(),
  name: texts,
  /** Selling points, shown below the rules that follow from the interval. */
  points: z.array(texts).default([]),
  creditsPerMonth: count,
  /** In place of the catalogue's `allotmentGraceHours`. */
  graceHours: z.int().nonnegative().optional(),
  /** Absent for the free plan. */
  prices: z.partialRecord(z.enum(INTERVALS), amounts).optional(),
  trial: trial.optional(),
});

const pack = z.strictObject({
  id,
  name: texts,
  credits: count,
  /** Days from the purchase to the expiry; null: never. */
  expireDays: count.nullable(),
  popular: z.boolean().default(false),
  price: amounts,
});

const feature = z.strictObject({
  /** Credits charged for one use, or a rate card that prices the units used. */
  cost: z.union([count, rateCard]),
  /**
   * What happens to work that used more than its hold (docs/decisions/0091). The hold is always charged.
   * `refuse`, the default: the rest is not charged, and the capture returns an error. `cap`: the same
   * without an error. `{ debtLimit }`: the rest is taken from the balance and into debt, up to this limit.
   */
  overrun: z
    .union([z.enum(["refuse", "cap"]), z.strictObject({ debtLimit: z.int().nonnegative() })])
    .optional(),
  /** How long a hold for work in progress lasts before it lapses. */
  holdMinutes: count,
  name: texts,
});

const gift = z.strictObject({ credits: count, expireDays: count });

const consumerRights = z.strictObject({
  /** Days in which a consumer may withdraw from a purchase. EU law requires at least 14. */
  withdrawalDays: z.int().min(14),
  /**
   * Whether a buyer asks for immediate supply before paying. Without that, a withdrawal returns
   * everything, whatever has been used.
   */
  consentToImmediateSupply: z.boolean(),
  /** Days before a yearly renewal at which it is announced by email. Null: not announced. */
  renewalNoticeDays: count.nullable(),
});

const schema = z.strictObject({
  /** The currency that prices are shown in by default. Every price has an amount in it. */
  currency: z.string().regex(/^[a-z]{3}$/),
  /**
   * How long a monthly allotment outlives the next one's due time, so that the balance is not zero
   * while the distribution or the charge runs. For plans without `graceHours`.
   */
  allotmentGraceHours: z.int().nonnegative(),
  /** Granted once at sign-up, in addition to the first free month. */
  signUpGift: gift,
  /** The reward of a daily sign-in. When several milestones match a day, the largest one applies. */
  dailySignIn: gift.extend({
    milestones: z.array(z.strictObject({ everyDays: count, credits: count })),
  }),
  features: z.record(id, feature),
  /** The rights of consumers who buy online, as EU law has them. Null: the site does not offer them. */
  consumerRights: consumerRights.nullable().default(null),
  /** From the lowest tier to the highest. The first one is free. */
  plans: z.array(plan).min(1),
  packs: z.array(pack),
});

export type CatalogDefinition = z.input<typeof schema>;
type Parsed = z.output<typeof schema>;
export type Plan = Parsed["plans"][number];
export type Pack = Parsed["packs"][number];
export type Feature = z.output<typeof feature>;
export type Trial = z.output<typeof trial>;
export type ConsumerRights = z.output<typeof consumerRights>;

export interface Catalog extends Parsed {
  readonly freePlan: Plan;
}

/**
 * Checks a catalogue, written in `file`, and returns it.
 * @throws one error that lists every fault with its place, such as
 * `src/catalog/catalog.ts:41 plans[1] "pro" prices.year.usd`. The line needs the file.
 */
export function defineCatalog(
  definition: CatalogDefinition,
  file = "src/catalog/catalog.ts",
): Catalog {
  const parsed = schema.safeParse(definition);
  const faults = parsed.success
    ? faultsOf(parsed.data)
    : parsed.error.issues.flatMap((issue) => faultsOfIssue(issue));
  if (!parsed.success || faults.length > 0) throw new Error(report(faults, definition, file));
  const [freePlan] = parsed.data.plans;
  if (freePlan === undefined) throw new Error("The catalogue has no plan.");
  return { ...parsed.data, freePlan };
}

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function faultsOfIssue(issue: z.core.$ZodIssue): Fault[] {
  const { path, message } = issue;
  if (issue.code === "invalid_union") return faultsOfUnion(issue);
  if (issue.code !== "unrecognized_keys") return [{ path, message }];
  return issue.keys.map((key) => ({ path: [...path, key], message: "is not a field" }));
}

/** The faults of the object that was meant, or of the simple value if it is none. */
function faultsOfUnion({ path, errors }: z.core.$ZodIssueInvalidUnion): Fault[] {
  const isObject = (issues: readonly z.core.$ZodIssue[]) =>
    issues.some((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys");
  const meant = errors.find(isObject) ?? errors[0] ?? [];
  return meant
    .flatMap((issue) => faultsOfIssue(issue))
    .map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
}

/** The rules that span several fields. */
function faultsOf(catalog: Parsed): Fault[] {
  return [
    ...duplicateIds(catalog),
    ...planFaults(catalog),
    ...packFaults(catalog),
    ...currencyFaults(catalog),
    ...rateCardFaults(catalog),
  ];
}

/** The typical use of a rate card has a price. */
function rateCardFaults({ features }: Parsed): Fault[] {
  return Object.entries(features).flatMap(([id, { cost }]) => {
    if (typeof cost === "number") return [];
    const path = ["features", id, "cost", "typical"];
    try {
      return typicalCostOf(cost) > 0 ? [] : [{ path, message: "costs nothing" }];
    } catch (error) {
      if (!(error instanceof UnpricedUse)) throw error;
      return [{ path: [...path, error.field], message: error.message }];
    }
  });
}

function duplicateIds({ plans, packs }: Parsed): Fault[] {
  const repeated = (list: "plans" | "packs", ids: readonly string[]) =>
    ids.flatMap((one, n) =>
      ids.indexOf(one) === n
        ? []
        : [{ path: [list, n, "id"], message: `"${one}" is used twice; choose another id` }],
    );
  const planIds = plans.map((one) => one.id);
  // `pro` sold monthly is the item `pro-monthly`, and a pack's item is `pack-<id>`.
  const taken = new Map(
    planIds.flatMap((one) => [`${one}-monthly`, `${one}-yearly`].map((item) => [item, one])),
  );
  const clashes = planIds.flatMap((one, n) => {
    const other = taken.get(one);
    const message =
      other === undefined ? `must not begin with "pack-"` : `clashes with an item of "${other}"`;
    return other !== undefined || one.startsWith("pack-")
      ? [{ path: ["plans", n, "id"], message }]
      : [];
  });
  return [
    ...repeated("plans", planIds),
    ...repeated(
      "packs",
      packs.map((one) => one.id),
    ),
    ...clashes,
  ];
}

function planFaults({ plans }: Parsed): Fault[] {
  return plans.flatMap((one, n) => {
    const faults: Fault[] = [];
    const add = (field: PropertyKey, message: string) =>
      faults.push({ path: ["plans", n, field], message });
    const before = plans[n - 1];
    const isSold = Object.keys(one.prices ?? {}).length > 0;
    if (n === 0 && (isSold || one.tier !== 0))
      add(isSold ? "prices" : "tier", "the first plan is free: tier 0 and no prices");
    if (n > 0 && !isSold) add("prices", "needs a price; only the first plan is free");
    if (before !== undefined && one.tier < before.tier)
      add("tier", "plans go from the lowest tier to the highest");
    if (
      before !== undefined &&
      one.tier > before.tier &&
      one.creditsPerMonth < before.creditsPerMonth
    ) {
      add(
        "creditsPerMonth",
        `is less than ${before.creditsPerMonth} of the lower tier "${before.id}"`,
      );
    }
    if (one.trial !== undefined && !one.prices?.month && !one.prices?.year) {
      add("trial", "needs a monthly or yearly price");
    }
    if (one.trial !== undefined && one.trial.credits > one.creditsPerMonth) {
      add("trial", `grants more than a month's ${one.creditsPerMonth} credits`);
    }
    for (const [currency, month] of Object.entries(one.prices?.month ?? {})) {
      const year = one.prices?.year?.[currency];
      if (year !== undefined && year > 12 * month) {
        faults.push({
          path: ["plans", n, "prices", "year", currency],
          message: "costs more than twelve months",
        });
      }
    }
    return faults;
  });
}

function packFaults({ packs }: Parsed): Fault[] {
  return packs.flatMap((one, n) => {
    const smaller = packs[n - 1];
    if (smaller === undefined) return [];
    if (one.credits <= smaller.credits) {
      return [
        { path: ["packs", n, "credits"], message: "packs go from the smallest to the biggest" },
      ];
    }
    return Object.entries(one.price)
      .filter(([currency, amount]) => {
        const other = smaller.price[currency];
        return other !== undefined && amount / one.credits > other / smaller.credits;
      })
      .map(([currency]) => ({
        path: ["packs", n, "price", currency],
        message: `a credit costs more than in the smaller pack "${smaller.id}"`,
      }));
  });
}

/** Every price has the default currency and the same other ones, in amounts that Stripe can charge. */
function currencyFaults({ plans, packs, currency }: Parsed): Fault[] {
  const priced = [
    ...plans.flatMap(({ prices = {} }, n) =>
      Object.entries(prices).map(([interval, price]) => ({
        path: ["plans", n, "prices", interval],
        price,
      })),
    ),
    ...packs.map(({ price }, n) => ({ path: ["packs", n, "price"], price })),
  ];
  const all = [...new Set([currency, ...priced.flatMap(({ price }) => Object.keys(price))])];
  return priced.flatMap(({ path, price }) =>
    all.flatMap((one) => {
      const message = amountFault(one, price[one]);
      return message === null ? [] : [{ path: [...path, one], message }];
    }),
  );
}

function amountFault(currency: string, amount: number | undefined): string | null {
  if (amount === undefined) return "is missing; every price has the same currencies";
  const step = chargeStep(currency);
  return amount % step === 0
    ? null
    : `must be a multiple of ${step}: Stripe charges no smaller step in ${currency}`;
}

function report(faults: readonly Fault[], definition: CatalogDefinition, file: string): string {
  const source = readSource(file);
  const lines = faults.map(({ path, message }) => {
    const line = source === null ? null : findLine(source, "defineCatalog", path);
    const place = line === null ? file : `${file}:${line}`;
    return `  ${place} ${describe(definition, path)}: ${message}`;
  });
  return `The catalogue has faults:\n${lines.join("\n")}`;
}

/** `plans[1] "pro" prices.year.usd` */
function describe(definition: CatalogDefinition, path: readonly PropertyKey[]): string {
  const [list, n, ...fields] = path;
  if ((list === "plans" || list === "packs") && typeof n === "number") {
    const name = JSON.stringify(definition[list][n]?.id ?? null);
    return `${list}[${n}] ${name} ${fields.map(String).join(".")}`.trimEnd();
  }
  return path.map(String).join(".");
}
