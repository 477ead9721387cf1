import { describe, expect, it } from "vitest";
import { findChargedSource } from "@/product/charged-source";

describe("findChargedSource", () => {
  it("names the feature and links to the reading, in the reader's language", () => {
    expect(findChargedSource("reading:abc", "en")).toEqual({
      name: "BaZi reading",
      href: "/bazi/abc",
      label: "Open the reading",
    });
    expect(findChargedSource("reading:abc", "zh-CN")).toEqual({
      name: "八字解读",
      href: "/bazi/abc",
      label: "打开解读",
    });
  });

  it("returns null for a source that is not the product's", () => {
    expect(findChargedSource("signup", "en")).toBeNull();
    expect(findChargedSource("schedule:1", "en")).toBeNull();
    expect(findChargedSource("constructor:1", "en")).toBeNull();
  });

  it("escapes the id, so that a link cannot leave the readings", () => {
    expect(findChargedSource("reading:../admin", "en")?.href).toBe("/bazi/..%2Fadmin");
  });
});
