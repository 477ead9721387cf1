import { millisecondsInHour } from "date-fns/constants";
import { daysIn, monthLater } from "../calendar";

/** An event of a user. Its instant is never that of a run (02:00). */
export type ScenarioEvent = { readonly at: Date } & (
  | { readonly what: "sign up" | "end subscription" | "delete account" }
  | {
      readonly what: "pay month";
      readonly source: string;
      readonly from: Date;
      readonly until: Date;
    }
  | { readonly what: "buy year"; readonly source: string; readonly until: Date }
  | { readonly what: "buy lifetime"; readonly source: string }
  | { readonly what: "refund" | "dispute" | "win" | "lose"; readonly source: string }
);

export interface Scenario {
  readonly userId: string;
  readonly kind: Kind;
  readonly events: readonly ScenarioEvent[];
}

const kinds = [
  "free",
  "monthly",
  "yearly",
  "renewed yearly",
  "cancelled yearly",
  "lifetime",
  "refunded lifetime",
  "dispute won",
  "dispute lost",
  "two lifetimes",
  "deleted",
] as const;
type Kind = (typeof kinds)[number];

/** Creates a seeded random number generator (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Creates users of every kind who sign up all year, more often on the last days of a month. */
export function createScenarios(options: {
  count: number;
  year: number;
  /** Later events are omitted. */
  until: Date;
  random: () => number;
}): Scenario[] {
  const { count, year, until, random } = options;
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length] ?? "free";
    const userId = `user-${String(i).padStart(3, "0")}`;
    const signedUpAt = signUpInstant(i, year, random);
    const boughtAt = new Date(
      signedUpAt.getTime() + Math.floor(random() * 40 * 24) * millisecondsInHour,
    );
    const later = new Date(
      boughtAt.getTime() + Math.floor(20 + random() * 150 * 24) * millisecondsInHour,
    );
    const events = [
      { what: "sign up" as const, at: signedUpAt },
      ...eventsAfterSignUp(kind, i, boughtAt, later, random),
    ];
    return { userId, kind, events: events.filter(({ at }) => at < until) };
  });
}

function signUpInstant(i: number, year: number, random: () => number): Date {
  const month = Math.floor(random() * 12);
  const last = daysIn(year, month);
  const isMonthEnd = i % 3 === 0;
  const day =
    i === 6 ? 29 : isMonthEnd ? Math.max(29, last - (i % 2)) : 1 + Math.floor(random() * 28);
  // Hours around midnight and around the run, never at the run's minute.
  const hour = [0, 1, 2, 3, 12, 22, 23][Math.floor(random() * 7)] ?? 0;
  return new Date(Date.UTC(year, i === 6 ? 1 : month, Math.min(day, last), hour, 37, i % 60, i));
}

function eventsAfterSignUp(
  kind: Kind,
  i: number,
  boughtAt: Date,
  later: Date,
  random: () => number,
): ScenarioEvent[] {
  const lifetime = { what: "buy lifetime" as const, at: boughtAt, source: `checkout:cs_${i}` };
  const year = {
    what: "buy year" as const,
    at: boughtAt,
    source: `invoice:in_${i}`,
    until: monthLater(boughtAt, 12),
  };
  const reversed = { at: later, source: lifetime.source };
  const settledAt = new Date(later.getTime() + 45 * 24 * millisecondsInHour);
  switch (kind) {
    case "free":
      return [];
    case "monthly":
      return months(i, boughtAt, 2 + (i % 5), random);
    case "yearly":
      return [year];
    case "renewed yearly":
      return [
        year,
        { ...year, at: year.until, source: `${year.source}_2`, until: monthLater(boughtAt, 24) },
      ];
    case "cancelled yearly":
      return [year, { what: "end subscription", at: later }];
    case "lifetime":
      return [lifetime];
    case "refunded lifetime":
      return [lifetime, { ...reversed, what: "refund" }];
    case "dispute won":
      return [
        lifetime,
        { ...reversed, what: "dispute" },
        { ...reversed, what: "win", at: settledAt },
      ];
    case "dispute lost":
      return [
        lifetime,
        { ...reversed, what: "dispute" },
        { ...reversed, what: "lose", at: settledAt },
      ];
    case "two lifetimes":
      return [lifetime, { ...lifetime, at: later, source: `${lifetime.source}_2` }];
    case "deleted":
      return [lifetime, { what: "delete account", at: later }];
  }
}

/** Returns the invoices of a monthly subscription, some paid days late. */
function months(i: number, from: Date, count: number, random: () => number): ScenarioEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    what: "pay month",
    at: new Date(monthLater(from, n).getTime() + (random() < 0.3 ? 70 * millisecondsInHour : 0)),
    source: `invoice:in_${i}_${n}`,
    from: monthLater(from, n),
    until: monthLater(from, n + 1),
  }));
}
