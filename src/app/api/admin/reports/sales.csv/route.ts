import { requireAdmin } from "@/accounts/session";
import { reportsAddress } from "@/admin/input";
import { SALES_COLUMNS, salesPages } from "@/admin/reports/exports";
import { queryOf } from "@/app/api/request";
import { respond } from "@/app/api/respond";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { csvResponse } from "@/lib/csv";

export const dynamic = "force-dynamic";

/** What was paid for each plan and pack, by month, as CSV. */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    await requireAdmin();
    const query = queryOf(request);
    const months = Number(reportsAddress.parse(query).months);
    return csvResponse({
      filename: `qiflow-sales-${months}-months.csv`,
      header: SALES_COLUMNS,
      pages: salesPages(db, { at: now(), months }),
    });
  });
}
