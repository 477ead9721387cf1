import { requireAdmin } from "@/accounts/session";
import { reportsAddress } from "@/admin/input";
import { USAGE_COLUMNS, usagePages } from "@/admin/reports/exports";
import { queryOf } from "@/app/api/request";
import { respond } from "@/app/api/respond";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { csvResponse } from "@/lib/csv";

export const dynamic = "force-dynamic";

/** The usage report by type and month as CSV, one line a month and type. */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    await requireAdmin();
    const query = queryOf(request);
    const months = Number(reportsAddress.parse(query).months);
    return csvResponse({
      filename: `qiflow-usage-${months}-months.csv`,
      header: USAGE_COLUMNS,
      pages: usagePages(db, { at: now(), months }),
    });
  });
}
