import { describe, expect, it } from "vitest";
import {
  formatPaymentCursor,
  parsePaymentCursor,
} from "@/app/[locale]/(app)/billing/payment-cursor";

describe("parsePaymentCursor", () => {
  it("inverts formatPaymentCursor, to the millisecond", () => {
    const cursor = { paidAt: new Date("2026-03-02T10:00:00.123Z"), id: "invoice:in_1~2" };
    expect(parsePaymentCursor(formatPaymentCursor(cursor))).toEqual(cursor);
  });

  it.each([null, "", "nonsense", "yesterday~in_1", "2026-03-02T10:00:00Z~"])(
    "returns null for %j",
    (text) => {
      expect(parsePaymentCursor(text)).toBeNull();
    },
  );
});
