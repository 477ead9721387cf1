import { describe, expect, it } from "vitest";
import { monthWeeks } from "@/app/[locale]/(app)/dashboard/month-weeks";

describe("the weeks of a month", () => {
  it.each([
    // Begins on a Sunday; on a Monday with 28 days; ends on a Sunday; ends the year.
    ["2026-03", 6, 6, 31],
    ["2027-02", 4, 0, 28],
    ["2026-05", 5, 4, 31],
    ["2026-12", 5, 1, 31],
  ])("of %s are %i, with %i blanks before and all %i days", (month, count, blanks, days) => {
    const weeks = monthWeeks(month);
    expect(weeks).toHaveLength(count);
    expect(weeks.every((week) => week.length === 7)).toBe(true);
    expect(weeks[0]?.filter((day) => day === null)).toHaveLength(blanks);
    const shown = weeks.flat().filter((day) => day !== null);
    expect(shown).toHaveLength(days);
    expect(shown).toEqual(shown.toSorted());
  });
});
