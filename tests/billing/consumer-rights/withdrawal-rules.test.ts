import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isFullyPerformed,
  type Performance,
  refundOnWithdrawal,
  withdrawalEnd,
} from "@/billing/consumer-rights/withdrawal-rules";
import { chargeStep } from "@/lib/currencies";

const pack: Performance = {
  paidCents: 990,
  returnedCents: 0,
  currency: "usd",
  usedCredits: 30,
  coveredCredits: 100,
  hasConsent: true,
};

describe("withdrawalEnd", () => {
  const end = (concludedAt: string, timeZone = "UTC") =>
    withdrawalEnd({ concludedAt: new Date(concludedAt), days: 14, timeZone }).toISOString();

  it("does not count the day of the contract and includes the last day", () => {
    expect(end("2026-11-30T09:00:00Z")).toBe("2026-12-15T00:00:00.000Z");
    expect(end("2026-11-30T23:59:59Z")).toBe("2026-12-15T00:00:00.000Z");
  });

  it("ends on Monday when the last day is a Saturday or a Sunday", () => {
    expect(end("2026-11-28T09:00:00Z")).toBe("2026-12-15T00:00:00.000Z");
    expect(end("2026-11-29T09:00:00Z")).toBe("2026-12-15T00:00:00.000Z");
    expect(end("2026-11-27T09:00:00Z")).toBe("2026-12-12T00:00:00.000Z");
  });

  it("counts days in the buyer's time zone", () => {
    expect(end("2026-11-30T17:00:00Z", "Asia/Shanghai")).toBe("2026-12-15T16:00:00.000Z");
  });
});

describe("refundOnWithdrawal", () => {
  it("keeps the share of the price for the credits used, rounded in the buyer's favour", () => {
    expect(refundOnWithdrawal(pack)).toBe(693);
    expect(refundOnWithdrawal({ ...pack, paidCents: 999, usedCredits: 1 })).toBe(990);
  });

  it("refunds everything without consent, without an end, and when nothing was used", () => {
    expect(refundOnWithdrawal({ ...pack, hasConsent: false })).toBe(990);
    expect(refundOnWithdrawal({ ...pack, coveredCredits: null })).toBe(990);
    expect(refundOnWithdrawal({ ...pack, usedCredits: 0 })).toBe(990);
  });

  it("leaves out what was returned before", () => {
    expect(refundOnWithdrawal({ ...pack, returnedCents: 600 })).toBe(93);
    expect(refundOnWithdrawal({ ...pack, returnedCents: 990 })).toBe(0);
  });

  it("never asks for more than the share used, and is an amount that Stripe can refund", () => {
    const performances = fc.record({
      paidCents: fc.integer({ min: 0, max: 10_000_000 }).map((amount) => amount * 100),
      returnedCents: fc.constant(0),
      currency: fc.constantFrom("usd", "jpy", "kwd", "isk"),
      usedCredits: fc.integer({ min: 0, max: 2_000_000 }),
      coveredCredits: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
      hasConsent: fc.boolean(),
    });
    fc.assert(
      fc.property(performances, (one) => {
        const refund = refundOnWithdrawal(one);
        const kept = one.paidCents - refund;
        expect(refund).toBeGreaterThanOrEqual(0);
        expect(kept % chargeStep(one.currency)).toBe(0);
        if (one.coveredCredits) {
          expect(kept * one.coveredCredits).toBeLessThanOrEqual(one.paidCents * one.usedCredits);
        }
        const more = { ...one, usedCredits: one.usedCredits + 1 };
        expect(refundOnWithdrawal(more)).toBeLessThanOrEqual(refund);
        const returned = Math.floor(one.paidCents / 3);
        const after = refundOnWithdrawal({ ...one, returnedCents: returned });
        expect(after).toBe(Math.max(0, refund - returned));
      }),
    );
  });
});

describe("isFullyPerformed", () => {
  it("is true for a pack of which every credit was used with consent, and for nothing else", () => {
    const used = { ...pack, usedCredits: 100 };
    expect(isFullyPerformed(used, "pack")).toBe(true);
    expect(isFullyPerformed({ ...used, hasConsent: false }, "pack")).toBe(false);
    expect(isFullyPerformed(pack, "pack")).toBe(false);
    expect(isFullyPerformed(used, "subscription")).toBe(false);
  });
});
