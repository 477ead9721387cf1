import { describe, expect, it } from "vitest";
import { nextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";

const may = new Date("2026-05-01T00:00:00Z");
const june = new Date("2026-06-01T00:00:00Z");
const scheduledIn = (dueAt: Date) => ({ credits: 50, dueAt });

describe("nextMonthlyCredits", () => {
  it("returns the scheduled allotment without a subscription", () => {
    const next = nextMonthlyCredits(scheduledIn(may), { plan: "free", renewsAt: null });
    expect(next).toEqual({ credits: 50, dueAt: may, onRenewal: false });
    expect(nextMonthlyCredits(null, { plan: "free", renewsAt: null })).toBeNull();
  });

  it("returns the credits of the renewal for Pro monthly, which has no schedule", () => {
    const next = nextMonthlyCredits(null, { plan: "pro-monthly", renewsAt: may });
    expect(next).toEqual({ credits: 1000, dueAt: may, onRenewal: true });
  });

  it("returns null for a subscription that does not renew", () => {
    expect(nextMonthlyCredits(null, { plan: "pro-monthly", renewsAt: null })).toBeNull();
  });

  it("returns whichever is due first, and the scheduled allotment in a tie", () => {
    const yearly = (renewsAt: Date) => ({ plan: "pro-yearly" as const, renewsAt });
    expect(nextMonthlyCredits(scheduledIn(may), yearly(june))?.onRenewal).toBe(false);
    expect(nextMonthlyCredits(scheduledIn(june), yearly(may))?.onRenewal).toBe(true);
    expect(nextMonthlyCredits(scheduledIn(may), yearly(may))?.onRenewal).toBe(false);
  });
});
