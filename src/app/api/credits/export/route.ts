import { queryOf } from "@/app/api/query-of";
import { requireUser } from "@/auth/session";
import { db } from "@/db";
import { ledgerAddress, ledgerFilter } from "@/ledger/reads/search-input";
import { now } from "@/lib/clock";
import { csvResponse } from "@/lib/csv";
import { isLocale } from "@/lib/locales";
import { countByAddress } from "@/rate-limit/count-by-address";
import { countAttempt } from "@/rate-limit/rate-limit";
import { respond } from "../../respond";
import { ledgerCsv } from "./ledger-csv";

export const dynamic = "force-dynamic";

const BY_USER = { limit: 20, windowSeconds: 600 };
/** A school or an office has one address. */
const BY_ADDRESS = { limit: 200, windowSeconds: 600 };

/**
 * One's own ledger as CSV, all of it or what the ledger page's filter finds, with headings in the
 * language asked for, or else the person's own.
 */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    await countByAddress(request, { what: "ledger-export", ...BY_ADDRESS });
    const at = now();
    await countAttempt(db, { key: `ledger-export:${user.id}`, ...BY_USER, now: at });
    const query = queryOf(request);
    const locale = isLocale(query.locale) ? query.locale : user.locale;
    const filter = ledgerFilter(ledgerAddress.parse(query), user.timeZone);
    return csvResponse({
      filename: "qiflow-ledger.csv",
      ...(await ledgerCsv(db, { userId: user.id, filter, locale, at })),
    });
  });
}
