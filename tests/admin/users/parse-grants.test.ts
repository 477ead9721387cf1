import { describe, expect, it } from "vitest";
import { parseGrants } from "@/admin/users/parse-grants";

const now = new Date("2026-03-02T08:00:00Z");
const parse = (text: string) => parseGrants(text, now);
const problemOf = (text: string) => parse(text).invalid[0]?.problem;

describe("parseGrants", () => {
  it("reads lines with a header, quotes, a day, an instant and no expiry", () => {
    const text = [
      "\ufeffemail,credits,expiry,reason",
      'mei@example.com,50,2026-12-31,"outage, ""big"" one"',
      "",
      " u-7 , +5 , , thanks, again",
      "lin@example.com,1000000,2026-04-01T08:00+08:00,goodwill",
    ].join("\r\n");
    expect(parse(text)).toEqual({
      lines: [
        {
          line: 2,
          who: "mei@example.com",
          amount: 50,
          expiresAt: new Date("2027-01-01T00:00:00Z"),
          reason: 'outage, "big" one',
        },
        { line: 4, who: "u-7", amount: 5, expiresAt: null, reason: "thanks, again" },
        {
          line: 5,
          who: "lin@example.com",
          amount: 1_000_000,
          expiresAt: new Date("2026-04-01T00:00:00Z"),
          reason: "goodwill",
        },
      ],
      invalid: [],
    });
  });

  it.each([
    ["tabs", "mei@example.com\t5\t\tthanks, all; really"],
    ["semicolons", "mei@example.com;5;;thanks, all; really"],
  ])("reads columns that are separated by %s", (_, text) => {
    const reason = "thanks, all; really";
    expect(parse(text).lines).toMatchObject([{ who: "mei@example.com", amount: 5, reason }]);
  });

  it.each([
    ["mei@example.com", "columns"],
    ["mei@example.com,5", "columns"],
    ["mei@example.com,5,,", "columns"],
    [",5,,thanks", "user"],
    ["mei@example.com,0,,thanks", "amount"],
    ["mei@example.com,-5,,thanks", "amount"],
    ["mei@example.com,1.5,,thanks", "amount"],
    ["mei@example.com,1000001,,thanks", "amount"],
    ['mei@example.com,"1,000",,thanks', "amount"],
    ["mei@example.com,5,2027-02-30,thanks", "expiry"],
    ["mei@example.com,5,31.12.2027,thanks", "expiry"],
    ["mei@example.com,5,2027-01-01T08:00,thanks", "expiry"],
    ["mei@example.com,5,2026-03-01,thanks", "past_expiry"],
    ["mei@example.com,5,2026-03-02T08:00Z,thanks", "past_expiry"],
    ["mei@example.com,5,,no", "reason"],
    [`mei@example.com,5,,${"x".repeat(501)}`, "reason"],
  ])("refuses %s: %s", (text, problem) => {
    // A first line without a number would be a header.
    expect(problemOf(`lin@example.com,1,,a reason\n${text}`)).toBe(problem);
  });

  it("names the line and keeps its text", () => {
    expect(parse("lin@example.com,1,,a reason\n\nmei@example.com,x,,thanks").invalid).toEqual([
      { line: 3, text: "mei@example.com,x,,thanks", problem: "amount" },
    ]);
  });
});
