import { daysIn, HOUR_MS, monthLater } from "../calendar";

/** What happens to a user, in the order of time. Instants are never those of a run (02:00). */
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
  ...["free", "monthly", "yearly", "renewed yearly", "cancelled yearly", "lifetime"],
  ...["refunded lifetime", "dispute won", "dispute lost", "two lifetimes", "deleted"],
] as const;
type Kind = (typeof kinds)[number];

/** A source of chance that always says the same. */
export function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Users of every kind, born all over the year and on its awkward days more often. */
export function liveLives(options: {
  count: number;
  year: number;
  /** What would happen after it is left out. */
  until: Date;
  chance: () => number;
}): Scenario[] {
  const { count, year, until, chance } = options;
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length] ?? "free";
    const userId = `user-${String(i).padStart(3, "0")}`;
    const born = birth(i, year, chance);
    const bought = new Date(born.getTime() + Math.floor(chance() * 40 * 24) * HOUR_MS);
    const later = new Date(bought.getTime() + Math.floor(20 + chance() * 150 * 24) * HOUR_MS);
    const events = [
      { what: "sign up" as const, at: born },
      ...fate(kind, i, bought, later, chance),
    ];
    return { userId, kind, events: events.filter(({ at }) => at < until) };
  });
}

function birth(i: number, year: number, chance: () => number): Date {
  const month = Math.floor(chance() * 12);
  const last = daysIn(year, month);
  const awkward = i % 3 === 0;
  const day = i === 6 ? 29 : awkward ? Math.max(29, last - (i % 2)) : 1 + Math.floor(chance() * 28);
  // Hours around midnight and the run's own, at a minute that is no run's.
  const hour = [0, 1, 2, 3, 12, 22, 23][Math.floor(chance() * 7)] ?? 0;
  return new Date(Date.UTC(year, i === 6 ? 1 : month, Math.min(day, last), hour, 37, i % 60, i));
}

function fate(
  kind: Kind,
  i: number,
  bought: Date,
  later: Date,
  chance: () => number,
): ScenarioEvent[] {
  const lifetime = { what: "buy lifetime" as const, at: bought, source: `checkout:cs_${i}` };
  const year = {
    ...{ what: "buy year" as const, at: bought, source: `invoice:in_${i}` },
    until: monthLater(bought, 12),
  };
  const reversed = { at: later, source: lifetime.source };
  const judged = new Date(later.getTime() + 45 * 24 * HOUR_MS);
  switch (kind) {
    case "free":
      return [];
    case "monthly":
      return months(i, bought, 2 + (i % 5), chance);
    case "yearly":
      return [year];
    case "renewed yearly":
      return [
        year,
        { ...year, at: year.until, source: `${year.source}_2`, until: monthLater(bought, 24) },
      ];
    case "cancelled yearly":
      return [year, { what: "end subscription", at: later }];
    case "lifetime":
      return [lifetime];
    case "refunded lifetime":
      return [lifetime, { ...reversed, what: "refund" }];
    case "dispute won":
      return [lifetime, { ...reversed, what: "dispute" }, { ...reversed, what: "win", at: judged }];
    case "dispute lost":
      return [
        lifetime,
        { ...reversed, what: "dispute" },
        { ...reversed, what: "lose", at: judged },
      ];
    case "two lifetimes":
      return [lifetime, { ...lifetime, at: later, source: `${lifetime.source}_2` }];
    case "deleted":
      return [lifetime, { what: "delete account", at: later }];
  }
}

/** Invoices of a monthly subscription, some of them paid days late. */
function months(i: number, from: Date, count: number, chance: () => number): ScenarioEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    what: "pay month",
    at: new Date(monthLater(from, n).getTime() + (chance() < 0.3 ? 70 * HOUR_MS : 0)),
    source: `invoice:in_${i}_${n}`,
    from: monthLater(from, n),
    until: monthLater(from, n + 1),
  }));
}
