import { createTranslator } from "next-intl";
import type { Executor } from "@/db/client";
import { loadMessages } from "@/i18n/load-messages";
import { type LedgerFilter, type LedgerPage, searchLedger } from "@/ledger/reads/search";
import type { CsvCell } from "@/lib/csv";
import type { Locale } from "@/lib/locales";

/** Rows read at once; each page is a query of its own, as a pooler keeps no cursor. */
const ROWS_AT_ONCE = 1_000;

/**
 * A user's ledger as CSV, newest first, beginning with what has expired by `at` and is not booked
 * yet, which says so where the others tell when they were booked. The ledger only grows at its newer end, so the pages fit
 * together however long the download takes. Credits are plain numbers, instants ISO 8601 in UTC.
 */
export async function ledgerCsv(
  reader: Executor,
  ledger: { userId: string; filter: LedgerFilter; locale: Locale; at: Date; rowsAtOnce?: number },
) {
  const { locale } = ledger;
  const t = createTranslator({
    locale,
    messages: await loadMessages(locale),
    namespace: "credits",
  });
  const header = [
    ...[t("export.number"), t("export.booked"), t("export.effective"), t("export.type")],
    ...[t("export.amount"), t("export.balance"), t("export.source")],
  ];
  async function* pages(): AsyncGenerator<CsvCell[][]> {
    const { userId, filter, at, rowsAtOnce: limit = ROWS_AT_ONCE } = ledger;
    for (let before: number | null | undefined; before !== null; ) {
      const page: LedgerPage = await searchLedger(reader, {
        ...{ userId, filter, limit, at, turn: { before: before ?? null } },
      });
      yield page.rows.map((row) => [
        ...[row.seq, row.bookedAt ?? t("export.notBooked"), row.effectiveAt],
        t(`types.${row.type}.label`),
        ...[row.amount, row.balanceAfter, row.source],
      ]);
      before = page.olderBefore;
    }
  }
  return { header, pages: pages() };
}
