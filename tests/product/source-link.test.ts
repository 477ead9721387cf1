import { describe, expect, it } from "vitest";
import { productSourceLink } from "@/product/source-link";

describe("productSourceLink", () => {
  it("links an entry to its reading, in the reader's language", () => {
    const href = "/bazi/abc";
    expect(productSourceLink("reading:abc", "en")).toEqual({ href, label: "Open the reading" });
    expect(productSourceLink("reading:abc", "zh-CN")).toEqual({ href, label: "打开解读" });
  });

  it("returns null for a source that is not the product's", () => {
    expect(productSourceLink("signup", "en")).toBeNull();
    expect(productSourceLink("schedule:1", "en")).toBeNull();
    expect(productSourceLink("constructor:1", "en")).toBeNull();
  });

  it("escapes the id, so that a link cannot leave the readings", () => {
    expect(productSourceLink("reading:../admin", "en")?.href).toBe("/bazi/..%2Fadmin");
  });
});
