import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeIssue } from "@/public-api/describe-issue";

const schema = z.strictObject({
  amount: z.int().min(1).max(9).optional(),
  name: z.string().min(2),
  mode: z.enum(["fast", "slow"]).optional(),
  at: z.iso.datetime().optional(),
  day: z.iso.date().optional(),
  code: z
    .string()
    .regex(/^[a-z]$/)
    .optional(),
  page: z.string().regex(/^\d$/, "Send the `next` of a page.").optional(),
  tags: z.array(z.string()).min(1).optional(),
  even: z
    .int()
    .refine((value) => value % 2 === 0, "must be even")
    .optional(),
});

describe("describeIssue", () => {
  it.each([
    [{}, "name", "`name` is missing."],
    [{ name: 1 }, "name", "`name` must be a string."],
    [{ name: null }, "name", "`name` must be a string."],
    [{ name: "a" }, "name", "`name` must have at least 2 characters."],
    [{ name: "ab", amount: "1" }, "amount", "`amount` must be a number."],
    [{ name: "ab", amount: 1.5 }, "amount", "`amount` must be a whole number."],
    [{ name: "ab", amount: 0 }, "amount", "`amount` must be at least 1."],
    [{ name: "ab", amount: 10 }, "amount", "`amount` must be at most 9."],
    [{ name: "ab", mode: "x" }, "mode", "`mode` must be `fast` or `slow`."],
    [
      { name: "ab", at: "now" },
      "at",
      "`at` must be an instant in UTC, such as `2026-11-30T12:00:00Z`.",
    ],
    [{ name: "ab", day: "2026-02-30" }, "day", "`day` must be a day, such as `2026-11-30`."],
    [{ name: "ab", code: "A" }, "code", "`code` must match /^[a-z]$/."],
    [{ name: "ab", page: "x" }, "page", "`page`: Send the `next` of a page."],
    [{ name: "ab", tags: [] }, "tags", "`tags` must have at least 1 entry."],
    [{ name: "ab", tags: [1] }, "tags.0", "`tags.0` must be a string."],
    [{ name: "ab", even: 3 }, "even", "`even` must be even."],
    [{ name: "ab", hue: 1 }, "hue", "`hue` is not a field of this request. Leave it out."],
    [[], "", "The body must be a JSON object."],
    [null, "", "The body must be a JSON object."],
  ])("says of %j that %s is wrong, and how to correct it", (input, field, message) => {
    const [issue] = schema.safeParse(input).error?.issues ?? [];
    if (issue === undefined) throw new Error("The input is valid.");
    expect(describeIssue(issue, input)).toEqual({ field, message });
  });
});
