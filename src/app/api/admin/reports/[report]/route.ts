import { requireAdmin } from "@/accounts/session";
import { REPORT_EXPORTS, type ReportName } from "@/admin/reports/exports";
import { reportsQuery } from "@/admin/reports/months";
import { queryOf } from "@/app/api/request";
import { respond } from "@/app/api/respond";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { csvResponse } from "@/lib/download";
import { NotFound } from "@/lib/errors";

export const dynamic = "force-dynamic";

/** A monthly report as CSV: `books.csv`, `members.csv`, `sales.csv` or `usage.csv`. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ report: string }> },
): Promise<Response> {
  return respond(async () => {
    await requireAdmin();
    const { report } = await params;
    const name = report.endsWith(".csv") ? report.slice(0, -".csv".length) : "";
    if (!isReportName(name)) throw new NotFound("report");
    const months = Number(reportsQuery.parse(queryOf(request)).months);
    const { columns, pages } = REPORT_EXPORTS[name];
    return csvResponse({
      filename: `qiflow-${name}-${months}-months.csv`,
      header: columns,
      pages: pages(db, { at: now(), months }),
    });
  });
}

function isReportName(name: string): name is ReportName {
  return Object.hasOwn(REPORT_EXPORTS, name);
}
