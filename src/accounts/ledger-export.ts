import { createTranslator } from "next-intl";
import type { Executor } from "@/db/client";
import { loadMessages } from "@/i18n/load-messages";
import type { ReadAt } from "@/ledger/reads/read-at";
import { type LedgerFilter, type LedgerPage, searchLedger } from "@/ledger/reads/search";
import type { CsvCell } from "@/lib/download";
import type { Locale } from "@/lib/locales";
import { findChargedSource } from "@/product/charged-source";

/** Each page is a separate query: a transaction-mode pooler keeps no cursors. */
const PAGE_SIZE = 1_000;

/**
 * Returns the header and the pages of a user's ledger as CSV, newest first. Lots that have expired
 * but are not booked yet come first, marked as such. The ledger grows only at its newer
 * end, so the pages stay consistent during a long download.
 */
export async function ledgerCsv(
  reader: Executor,
  ledger: { userId: string; filter: LedgerFilter; locale: Locale; pageSize?: number } & ReadAt,
) {
  const { userId, filter, locale, pageSize = PAGE_SIZE, ...when } = ledger;
  const t = createTranslator({
    locale,
    messages: await loadMessages(locale),
    namespace: "credits",
  });
  const header = [
    t("export.number"),
    t("export.booked"),
    t("export.effective"),
    t("export.type"),
    t("export.amount"),
    t("export.balance"),
    t("export.source"),
  ];
  async function* pages(): AsyncGenerator<CsvCell[][]> {
    for (let before: number | null | undefined; before !== null; ) {
      const page: LedgerPage = await searchLedger(reader, {
        userId,
        filter,
        limit: pageSize,
        ...when,
        turn: { before: before ?? null },
      });
      yield page.rows.map((row) => [
        row.seq,
        row.bookedAt ?? t("export.notBooked"),
        row.effectiveAt,
        (row.type === "USAGE" && findChargedSource(row.source, locale)?.name) ||
          t(`types.${row.type}.label`),
        row.amount,
        row.balanceAfter,
        row.source,
      ]);
      before = page.olderBefore;
    }
  }
  return { header, pages: pages() };
}
