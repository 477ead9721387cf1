import { describe, expect, it } from "vitest";
import { storableJson, storableText } from "@/lib/storable-text";

describe("storableText", () => {
  it("replaces U+0000 and lone surrogates and keeps everything else", () => {
    expect(storableText("a\0b\ud800c\udfffd😀\u0001\n")).toBe("a\ufffdb\ufffdc\ufffdd😀\u0001\n");
  });
});

describe("storableJson", () => {
  it("replaces U+0000 and lone surrogates in values and names", () => {
    const value = { "k\0": ["\ud83d", { "\udc00": "x\0\0y" }] };
    expect(JSON.parse(storableJson(value))).toEqual({
      "k\ufffd": ["\ufffd", { "\ufffd": "x\ufffd\ufffdy" }],
    });
  });

  it("keeps pairs, other control characters and backslashes before a u", () => {
    const value = ["😀", "\u0007\u001f\t", "\\u0000", "\\\\ud800", "C:\\users", '"', null, 1.5];
    expect(JSON.parse(storableJson(value))).toEqual(value);
  });
});
