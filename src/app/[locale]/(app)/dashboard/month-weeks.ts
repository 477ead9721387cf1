import { addDays, type Day, type Month } from "@/lib/local-day";

const DAYS_A_WEEK = 7;

/** The weeks of a month, Monday first, with null before its first day and after its last. */
export function monthWeeks(month: Month): (Day | null)[][] {
  const first: Day = `${month}-01`;
  // Sunday is 0; Monday shall be.
  const blanks = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % DAYS_A_WEEK;
  const weeks: (Day | null)[][] = [];
  for (let day = addDays(first, -blanks); day.slice(0, 7) <= month; ) {
    const week: (Day | null)[] = [];
    for (; week.length < DAYS_A_WEEK; day = addDays(day, 1)) {
      week.push(day.startsWith(month) ? day : null);
    }
    weeks.push(week);
  }
  return weeks;
}
