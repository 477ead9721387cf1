import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, localDay } from "@/lib/local-day";
import { nextMilestone, rewardOf, type SignIn, signInOn } from "@/rewards/daily-sign-in-rules";

describe("what a day in a row brings", () => {
  it.each([
    [1, 5],
    [6, 5],
    [7, 20],
    [8, 5],
    [14, 20],
    [28, 20],
    [29, 5],
    [30, 50],
    [60, 50],
    [209, 5],
    [210, 50],
  ])("day %i brings %i", (streak, credits) => {
    expect(rewardOf(streak)).toBe(credits);
  });

  it.each([
    [0, { inDays: 7, streak: 7, credits: 20 }],
    [6, { inDays: 1, streak: 7, credits: 20 }],
    [7, { inDays: 7, streak: 14, credits: 20 }],
    [28, { inDays: 2, streak: 30, credits: 50 }],
    [209, { inDays: 1, streak: 210, credits: 50 }],
  ])("after %i days the next more than usual is %j", (streak, milestone) => {
    expect(nextMilestone(streak)).toEqual(milestone);
  });

  it("the next milestone is the first day that brings more than usual", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2000 }), (streak) => {
        const { inDays } = nextMilestone(streak);
        for (let day = 1; day < inDays; day++) expect(rewardOf(streak + day)).toBe(5);
        expect(rewardOf(streak + inDays)).toBeGreaterThan(5);
      }),
    );
  });
});

describe("days in a row", () => {
  it("counts on over the end of a month and begins anew after a day without", () => {
    const first = signInOn("2026-01-31", null);
    expect(first).toEqual({ day: "2026-01-31", streak: 1, credits: 5 });
    expect(signInOn("2026-02-01", first)).toMatchObject({ streak: 2 });
    expect(signInOn("2026-02-02", first)).toMatchObject({ streak: 1 });
  });

  it("gives no day twice and none that is past", () => {
    const latest = { day: "2026-03-02", streak: 4, credits: 5 };
    expect(signInOn("2026-03-02", latest)).toBeNull();
    expect(signInOn("2026-03-01", latest)).toBeNull();
    expect(signInOn("2026-03-03", latest)).toMatchObject({ streak: 5 });
  });

  it("whatever zones one passes through: each day once, forward only, none before it began anywhere", () => {
    const zones = [
      ...["Pacific/Kiritimati", "Asia/Shanghai", "UTC", "America/New_York", "Pacific/Pago_Pago"],
    ];
    const tries = fc.array(
      fc.record({ hours: fc.integer({ min: 0, max: 40 }), zone: fc.constantFrom(...zones) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(tries, (steps) => {
        const start = new Date("2026-02-20T00:00:00Z").getTime();
        let hours = 0;
        const taken: SignIn[] = [];
        for (const step of steps) {
          hours += step.hours;
          const at = new Date(start + hours * 3_600_000);
          const latest = taken.at(-1) ?? null;
          const signIn = signInOn(localDay(at, step.zone), latest);
          if (signIn === null) continue;
          const previousInARow = latest !== null && addDays(latest.day, 1) === signIn.day;
          expect(signIn.streak).toBe(previousInARow ? latest.streak + 1 : 1);
          expect(signIn.day <= localDay(at, "Pacific/Kiritimati")).toBe(true);
          taken.push(signIn);
        }
        const days = taken.map(({ day }) => day);
        expect(days).toEqual([...new Set(days)].toSorted());
        const daysBegun = Math.floor(hours / 24) + 3;
        expect(taken.length).toBeLessThanOrEqual(daysBegun);
      }),
    );
  });
});
