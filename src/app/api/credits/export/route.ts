import { ledgerCsv } from "@/accounts/ledger-export";
import { requireUser } from "@/accounts/session";
import { queryOf } from "@/app/api/request";
import { db } from "@/db";
import { ledgerAddress, ledgerFilter } from "@/ledger/reads/search-input";
import { now } from "@/lib/clock";
import { csvResponse } from "@/lib/download";
import { isLocale } from "@/lib/locales";
import { limitAction } from "@/rate-limit/limit-action";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

/**
 * Returns the signed-in user's ledger as CSV, limited to the ledger page's filter. The headings are
 * in the language of `?locale=`, or else in the user's.
 */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    await limitAction(request, { action: "ledger-export", userId: user.id, perUser: 20 });
    const query = queryOf(request);
    const locale = isLocale(query.locale) ? query.locale : user.locale;
    const filter = ledgerFilter(ledgerAddress.parse(query), user.timeZone);
    return csvResponse({
      filename: "qiflow-ledger.csv",
      ...(await ledgerCsv(db, { userId: user.id, filter, locale, now: now() })),
    });
  });
}
