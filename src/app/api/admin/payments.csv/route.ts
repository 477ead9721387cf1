import { requireAdmin } from "@/accounts/session";
import { paymentsQuery } from "@/admin/payments";
import { PAYMENT_COLUMNS, paymentPages } from "@/admin/reports/exports";
import { queryOf } from "@/app/api/request";
import { respond } from "@/app/api/respond";
import { db } from "@/db";
import { csvResponse } from "@/lib/download";

export const dynamic = "force-dynamic";

/** All payments that match the filters, as CSV. */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    await requireAdmin();
    return csvResponse({
      filename: "qiflow-payments.csv",
      header: PAYMENT_COLUMNS,
      pages: paymentPages(db, paymentsQuery.parse(queryOf(request))),
    });
  });
}
