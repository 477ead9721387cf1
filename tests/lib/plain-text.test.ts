import { describe, expect, it } from "vitest";
import { holdsPlainText, isPlainText, isVisible } from "@/lib/plain-text";

describe("isPlainText", () => {
  it.each([
    "Mei Lin",
    "梅林 😀",
    "👩‍👩‍👧",
    "O’Brien\n\ttwo lines",
    "שלום",
    "مرحبا\u200f",
    "नमस्‍ते",
    "",
  ])("accepts %j", (text) => expect(isPlainText(text)).toBe(true));

  it.each([
    "a\0b",
    "a\u001bb",
    "a\u007f",
    "a\u0085",
    "\ud800",
    "a\udc00b",
    "\u202egnp",
    "\u2066a\u2069",
  ])("refuses %j", (text) => expect(isPlainText(text)).toBe(false));
});

describe("isVisible", () => {
  it.each(["a", "梅", "😀", ".", "\u200bа"])("accepts %j", (text) => {
    expect(isVisible(text)).toBe(true);
  });

  it.each([
    "",
    " ",
    "\u200b",
    "\u200d\ufeff",
    "\u3164\u115f",
    "\u2800",
    "\u00ad\u034f",
    "\u3000\n",
    "\u{e0061}",
  ])("refuses %j", (text) => expect(isVisible(text)).toBe(false));
});

describe("holdsPlainText", () => {
  it("finds a text at any depth and in property names", () => {
    let nested: unknown = "a\0";
    for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];
    expect(holdsPlainText(nested)).toBe(false);
    expect(holdsPlainText([{ name: ["fine", 1, null, true, undefined] }])).toBe(true);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(holdsPlainText(circle)).toBe(true);
    expect(holdsPlainText({ list: [{ "a\u202e": 1 }] })).toBe(false);
    expect(holdsPlainText(JSON.parse('{"__proto__":{"a":"\\u0000"}}'))).toBe(false);
  });
});
