import { requireAdmin } from "@/accounts/session";
import { LEDGER_COLUMNS, ledgerPages } from "@/admin/reports/exports";
import { findUser, userQuery } from "@/admin/users/user";
import { queryOf } from "@/app/api/request";
import { respond } from "@/app/api/respond";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { csvResponse } from "@/lib/download";
import { NotFound } from "@/lib/errors";

export const dynamic = "force-dynamic";

/** One user's ledger as CSV, filtered by type if given. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  return respond(async () => {
    await requireAdmin();
    const { id } = await params;
    if ((await findUser(db, id)) === undefined) throw new NotFound("user");
    const query = queryOf(request);
    const { type } = userQuery.parse(query);
    return csvResponse({
      filename: "qiflow-ledger.csv",
      header: LEDGER_COLUMNS,
      pages: ledgerPages(db, { userId: id, type: type ?? null, now: now() }),
    });
  });
}
