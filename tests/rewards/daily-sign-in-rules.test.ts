import { millisecondsInHour } from "date-fns/constants";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, localDay } from "@/lib/local-day";
import { nextMilestone, rewardOf, type SignIn, signInOn } from "@/rewards/daily-sign-in-rules";

describe("rewardOf and nextMilestone", () => {
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
  ])("reward day %i of a streak with %i credits", (streak, credits) => {
    expect(rewardOf(streak)).toBe(credits);
  });

  it.each([
    [0, { inDays: 7, streak: 7, credits: 20 }],
    [6, { inDays: 1, streak: 7, credits: 20 }],
    [7, { inDays: 7, streak: 14, credits: 20 }],
    [28, { inDays: 2, streak: 30, credits: 50 }],
    [209, { inDays: 1, streak: 210, credits: 50 }],
  ])("find the milestone after %i days: %j", (streak, milestone) => {
    expect(nextMilestone(streak)).toEqual(milestone);
  });

  it("agree that the next milestone is the first day with a larger reward", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2000 }), (streak) => {
        const { inDays } = nextMilestone(streak);
        for (let day = 1; day < inDays; day++) expect(rewardOf(streak + day)).toBe(5);
        expect(rewardOf(streak + inDays)).toBeGreaterThan(5);
      }),
    );
  });
});

describe("signInOn", () => {
  it("continues a streak across months and restarts it after a missed day", () => {
    const first = signInOn("2026-01-31", null);
    expect(first).toEqual({ day: "2026-01-31", streak: 1, credits: 5 });
    expect(signInOn("2026-02-01", first)).toMatchObject({ streak: 2 });
    expect(signInOn("2026-02-02", first)).toMatchObject({ streak: 1 });
  });

  it("returns null for a taken or past day", () => {
    const latest = { day: "2026-03-02", streak: 4, credits: 5 };
    expect(signInOn("2026-03-02", latest)).toBeNull();
    expect(signInOn("2026-03-01", latest)).toBeNull();
    expect(signInOn("2026-03-03", latest)).toMatchObject({ streak: 5 });
  });

  it("takes each day once and in order through any changes of time zone", () => {
    const zones = [
      "Pacific/Kiritimati",
      "Asia/Shanghai",
      "UTC",
      "America/New_York",
      "Pacific/Pago_Pago",
    ];
    const attempts = fc.array(
      fc.record({ hours: fc.integer({ min: 0, max: 40 }), zone: fc.constantFrom(...zones) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(attempts, (steps) => {
        const start = new Date("2026-02-20T00:00:00Z").getTime();
        let hours = 0;
        const taken: SignIn[] = [];
        for (const step of steps) {
          hours += step.hours;
          const at = new Date(start + hours * millisecondsInHour);
          const latest = taken.at(-1) ?? null;
          const signIn = signInOn(localDay(at, step.zone), latest);
          if (signIn === null) continue;
          const continuesStreak = latest !== null && addDays(latest.day, 1) === signIn.day;
          expect(signIn.streak).toBe(continuesStreak ? latest.streak + 1 : 1);
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
