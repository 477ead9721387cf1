import { latestMembers } from "@/billing/members";
import { latestOutstanding } from "@/credits/outstanding";
import { outstandingByMonth } from "@/credits/outstanding-by-month";
import type { Database } from "@/db/client";
import { type ReportPeriod, wholeMonths } from "@/lib/utc-period";
import { readSales } from "./business";
import { readMonths } from "./reports";

/** All that the reports page shows. */
export async function readReportsPage(db: Database, period: ReportPeriod) {
  const [months, sales, members, outstanding, earlier] = await Promise.all([
    readMonths(db, period),
    readSales(db, period),
    latestMembers(db, period),
    latestOutstanding(db, period.at),
    outstandingByMonth(db, wholeMonths(period).from),
  ]);
  return { months, sales, members, outstanding, earlier };
}
