import { describe, expect, it } from "vitest";
import { exportHref, ledgerHref, monthsBetween } from "@/app/[locale]/(app)/credits/ledger-links";

describe("ledgerHref", () => {
  it("contains the filter and the position, and omits defaults", () => {
    expect(ledgerHref({ type: null, before: null })).toBe("/credits#ledger");
    expect(ledgerHref({ type: "USAGE", before: 12 })).toBe("/credits?type=USAGE&before=12#ledger");
    expect(ledgerHref({ q: "a&b", from: "2026-03", to: null })).toBe(
      "/credits?q=a%26b&from=2026-03#ledger",
    );
  });
});

describe("exportHref", () => {
  it("keeps the filter but neither the position nor the order", () => {
    const position = { type: null, from: null, to: null, q: null, before: 12, after: null };
    const address = { ...position, order: "oldest" as const };
    expect(exportHref({ ...address, to: "2026-03" }, "zh-CN")).toBe(
      "/api/credits/export?to=2026-03&locale=zh-CN",
    );
  });
});

describe("monthsBetween", () => {
  it("returns every month, newest first", () => {
    expect(monthsBetween("2025-11", "2026-02")).toEqual([
      "2026-02",
      "2026-01",
      "2025-12",
      "2025-11",
    ]);
  });
});
