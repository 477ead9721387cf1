import { describe, expect, it } from "vitest";
import { monthWeeks } from "@/app/[locale]/(app)/dashboard/sign-in-calendar";

describe("monthWeeks", () => {
  it.each([
    { month: "2026-03", starts: "on a Sunday", weeks: 6, blanks: 6, days: 31 },
    { month: "2027-02", starts: "on a Monday", weeks: 4, blanks: 0, days: 28 },
    { month: "2026-05", starts: "on a Friday", weeks: 5, blanks: 4, days: 31 },
    { month: "2026-12", starts: "on a Tuesday", weeks: 5, blanks: 1, days: 31 },
  ])("returns $weeks full weeks for $month, which starts $starts", (expected) => {
    const weeks = monthWeeks(expected.month);
    expect(weeks).toHaveLength(expected.weeks);
    expect(weeks.every((week) => week.length === 7)).toBe(true);
    expect(weeks[0]?.filter((day) => day === null)).toHaveLength(expected.blanks);
    const days = weeks.flat().filter((day) => day !== null);
    expect(days).toHaveLength(expected.days);
    expect(days).toEqual(days.toSorted());
  });
});
