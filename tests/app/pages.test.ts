import { describe, expect, it } from "vitest";
import {
  formatPaymentCursor,
  parsePaymentCursor,
} from "@/app/[locale]/(app)/billing/payment-cursor";
import { exportHref, ledgerHref, monthsBetween } from "@/app/[locale]/(app)/credits/ledger-page";
import { sourceLink } from "@/app/[locale]/(app)/credits/ledger-rows";
import { formatPricePerCredit } from "@/app/purchase/price-per-credit";
import { PACK_IDS, PACKS } from "@/catalog/catalog";

describe("an entry of the ledger", () => {
  it("links to the reading or the payment behind it", () => {
    expect(sourceLink("reading:abc")).toEqual({ kind: "reading", href: "/bazi/abc" });
    expect(sourceLink("checkout:cs_1")).toEqual({ kind: "payment", href: "/billing#payments" });
    expect(sourceLink("invoice:in_1")).toEqual({ kind: "payment", href: "/billing#payments" });
  });

  it("links nowhere for what has no page, and never out of ours", () => {
    expect(sourceLink("signup")).toBeNull();
    expect(sourceLink("schedule:1")).toBeNull();
    expect(sourceLink("reading:../admin")?.href).toBe("/bazi/..%2Fadmin");
  });

  it("keeps filter and place in the address", () => {
    expect(ledgerHref({ type: null, before: null })).toBe("/credits#ledger");
    expect(ledgerHref({ type: "USAGE", before: 12 })).toBe("/credits?type=USAGE&before=12#ledger");
    expect(ledgerHref({ q: "a&b", from: "2026-03", to: null })).toBe(
      "/credits?q=a%26b&from=2026-03#ledger",
    );
  });

  it("can be had as a file under the same filter, from its newest row on", () => {
    const none = { type: null, from: null, to: null, q: null, before: 12, after: null };
    const address = { ...none, order: "oldest" as const };
    expect(exportHref({ ...address, to: "2026-03" }, "zh-CN")).toBe(
      "/api/credits/export?to=2026-03&locale=zh-CN",
    );
  });

  it("can be narrowed to any month since the account began", () => {
    expect(monthsBetween("2025-11", "2026-02")).toEqual([
      "2026-02",
      "2026-01",
      "2025-12",
      "2025-11",
    ]);
  });
});

describe("a page of payments", () => {
  it("begins where its address says, to the millisecond", () => {
    const cursor = { paidAt: new Date("2026-03-02T10:00:00.123Z"), id: "invoice:in_1~2" };
    expect(parsePaymentCursor(formatPaymentCursor(cursor))).toEqual(cursor);
  });

  it.each([null, "", "nonsense", "yesterday~in_1", "2026-03-02T10:00:00Z~"])(
    "is the first one for an address of %j",
    (text) => {
      expect(parsePaymentCursor(text)).toBeNull();
    },
  );
});

describe("the price of a credit", () => {
  it("is exact to a hundredth of a cent and falls with the size of the pack", () => {
    const prices = PACK_IDS.map((id) => formatPricePerCredit(PACKS[id], "en"));
    expect(prices).toEqual(["US$0.0990", "US$0.0745", "US$0.0698", "US$0.0599"]);
  });
});
