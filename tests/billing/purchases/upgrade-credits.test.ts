import { addSeconds } from "date-fns";
import { describe, expect, it } from "vitest";
import { type BoughtPlan, upgradeCreditsOf } from "@/billing/purchases/upgrade-credits";

const MONTH = {
  startsAt: new Date("2026-03-01T00:00:00Z"),
  endsAt: new Date("2026-04-01T00:00:00Z"),
};
const HISTORIES = process.env.QIFLOW_FULL === "1" ? 100_000 : 3_000;
const SECONDS = 31 * 24 * 60 * 60;
const TIERS = [1000, 2000, 3000, 9000];

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

interface Switch {
  readonly at: Date;
  readonly from: number;
  readonly to: number;
}

/** Switches between tiers at random instants of the month, in order. */
function randomSwitches(random: () => number): { first: number; switches: Switch[] } {
  const pick = () => TIERS[Math.floor(random() * TIERS.length)] ?? 1000;
  const first = pick();
  const instants = Array.from({ length: 1 + Math.floor(random() * 8) }, () =>
    addSeconds(MONTH.startsAt, Math.floor(random() * SECONDS)),
  ).toSorted((a, b) => a.getTime() - b.getTime());
  let from = first;
  const switches = instants.map((at) => {
    const one = { at, from, to: pick() };
    from = one.to;
    return one;
  });
  return { first, switches };
}

/** Applies the paid switches in the order of their payments, and returns all that was granted. */
function granted(first: number, paid: readonly Switch[]): number {
  const plans: BoughtPlan[] = [plan({ creditsPerMonth: first })];
  let sum = first;
  for (const { at, from, to } of paid) {
    const credits =
      to < from ? 0 : upgradeCreditsOf({ plans, month: MONTH, at, from, to, scheduled: 0 });
    expect(credits).toBeGreaterThanOrEqual(0);
    sum += credits;
    for (const [n, earlier] of plans.entries()) {
      if (earlier.fromAt <= at && earlier.creditsPerMonth > to && earlier.switchedAt === null) {
        plans[n] = { ...earlier, untilAt: at, switchedAt: at };
      }
    }
    plans.push(
      plan({ creditsPerMonth: to, fromAt: at, upgradeCredits: credits, isWithinPeriod: true }),
    );
  }
  return sum;
}

function plan(given: Partial<BoughtPlan>): BoughtPlan {
  return {
    id: "invoice:in_1",
    fromAt: MONTH.startsAt,
    untilAt: MONTH.endsAt,
    creditsPerMonth: 1000,
    graceHours: null,
    upgradeCredits: 0,
    switchedAt: null,
    isWithinPeriod: false,
    isLowerPromise: false,
    isReversed: false,
    ...given,
  };
}

describe("upgradeCreditsOf", () => {
  it("returns the difference for the rest of the month, rounded", () => {
    const at = addSeconds(MONTH.startsAt, SECONDS / 4);
    const upgrade = { plans: [plan({})], month: MONTH, at, from: 1000, to: 3001, scheduled: 0 };
    expect(upgradeCreditsOf(upgrade)).toBe(Math.round(2001 * 0.75));
  });

  it("returns nothing for a plan that the month has had before", () => {
    const left = plan({ creditsPerMonth: 3000, upgradeCredits: 1500, switchedAt: MONTH.endsAt });
    const at = addSeconds(MONTH.startsAt, SECONDS / 2);
    const upgrade = {
      plans: [plan({}), left],
      month: MONTH,
      at,
      from: 1000,
      to: 3000,
      scheduled: 0,
    };
    expect(upgradeCreditsOf(upgrade)).toBe(0);
    const refunded = [plan({}), { ...left, isReversed: true, untilAt: at }];
    expect(upgradeCreditsOf({ ...upgrade, plans: refunded })).toBe(1000);
  });

  it("never exceeds the highest tier's allotment, whatever is switched and in whatever order it is paid", () => {
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      const random = randomOf(seed);
      const { first, switches } = randomSwitches(random);
      const highest = Math.max(first, ...switches.map(({ to }) => to));
      const paidLate = switches.filter(() => random() < 0.3);
      const inOrder = [...switches.filter((one) => !paidLate.includes(one)), ...paidLate];
      for (const paid of [switches, inOrder]) {
        const sum = granted(first, paid);
        if (sum > highest) expect.fail(`seed ${seed}: ${sum} of ${highest}`);
      }
    }
  });
});
