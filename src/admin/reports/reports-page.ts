import { latestMembers } from "@/billing/subscriptions/membership";
import type { Database } from "@/db/client";
import { latestOutstanding, outstandingByMonth } from "@/ledger/reports/outstanding";
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
