import { describe, expect, it } from "vitest";
import { nextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";

const may = new Date("2026-05-01T00:00:00Z");
const june = new Date("2026-06-01T00:00:00Z");
const at = new Date("2026-04-15T00:00:00Z");
const today = { terms: null, upcomingTerms: null };
const monthly = (credits: number) => ({
  amountCents: 990,
  currency: "usd",
  credits,
  interval: "month" as const,
});
const scheduledIn = (dueAt: Date) => ({ credits: 50, dueAt });

describe("nextMonthlyCredits", () => {
  it("returns the scheduled allotment without a subscription", () => {
    const next = nextMonthlyCredits(
      scheduledIn(may),
      { plan: "free", renewsAt: null, ...today },
      { at },
    );
    expect(next).toEqual({ credits: 50, dueAt: may, how: "on" });
    expect(nextMonthlyCredits(null, { plan: "free", renewsAt: null, ...today }, { at })).toBeNull();
  });

  it("returns the credits of the renewal for Pro monthly, which has no schedule", () => {
    const next = nextMonthlyCredits(null, { plan: "pro-monthly", renewsAt: may, ...today }, { at });
    expect(next).toEqual({ credits: 1000, dueAt: may, how: "onRenewal" });
  });

  it("returns the credits of the terms that were paid for, until others apply", () => {
    const terms = monthly(600);
    const creditsWith = (startsAt: Date) =>
      nextMonthlyCredits(
        null,
        {
          plan: "pro-monthly",
          renewsAt: may,
          terms,
          upcomingTerms: { ...monthly(800), startsAt },
        },
        { at },
      )?.credits;
    expect(creditsWith(june)).toBe(600);
    expect(creditsWith(may)).toBe(800);
  });

  it("returns an allotment whose date has passed as one that arrives soon", () => {
    const free = { plan: "free", renewsAt: null, ...today };
    expect(nextMonthlyCredits(scheduledIn(may), free, { at: may })?.how).toBe("soon");
    expect(nextMonthlyCredits(scheduledIn(may), free, { at: june })?.how).toBe("soon");
  });

  it("returns the first paid month in a trial, and while its first payment is processed", () => {
    const firstCharge = { amountCents: 990, currency: "usd" };
    const trial = { endsAt: may, credits: 100, firstCharge };
    const inTrial = { plan: "pro-monthly", renewsAt: may, trial, ...today };
    const expected = { credits: 1000, dueAt: may, how: "onFirstPayment" };
    expect(nextMonthlyCredits(scheduledIn(june), inTrial, { at })).toEqual(expected);
    const charging = { ...inTrial, renewsAt: june };
    expect(nextMonthlyCredits(scheduledIn(june), charging, { at: may })).toEqual(expected);
    const ending = { ...inTrial, renewsAt: null, trial: { ...trial, firstCharge: null } };
    expect(nextMonthlyCredits(scheduledIn(june), ending, { at })?.how).toBe("on");
  });

  it("returns null for a subscription that does not renew", () => {
    const ending = { plan: "pro-monthly", renewsAt: null, ...today };
    expect(nextMonthlyCredits(null, ending, { at })).toBeNull();
  });

  it("returns whichever is due first, and the scheduled allotment in a tie", () => {
    const yearly = (renewsAt: Date) => ({ plan: "pro-yearly", renewsAt, ...today });
    expect(nextMonthlyCredits(scheduledIn(may), yearly(june), { at })?.how).toBe("on");
    expect(nextMonthlyCredits(scheduledIn(june), yearly(may), { at })?.how).toBe("onRenewal");
    expect(nextMonthlyCredits(scheduledIn(may), yearly(may), { at })?.how).toBe("on");
  });
});
