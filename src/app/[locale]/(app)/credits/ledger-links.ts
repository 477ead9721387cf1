import type { LedgerAddress } from "@/ledger/reads/search-input";
import { addMonths, type Month } from "@/lib/local-day";
import type { Locale } from "@/lib/locales";

/** The path of a ledger page. Default values are omitted. */
export function ledgerHref(address: Partial<LedgerAddress>): string {
  return `/credits${queryOf(address)}#ledger`;
}

/** The path of the CSV export with the same filter, in the given language. */
export function exportHref(address: LedgerAddress, locale: Locale): string {
  return `/api/credits/export${queryOf({ ...address, order: null, before: null, after: null, locale })}`;
}

/** Whether an address has a filter or another order than the default. */
export function isFiltered({ type, from, to, q, order }: LedgerAddress): boolean {
  const narrowed = type !== null || from !== null || to !== null || (q !== null && q !== "");
  return narrowed || order !== "newest";
}

/** All months from `first` to `last`, newest first. */
export function monthsBetween(first: Month, last: Month): Month[] {
  const months: Month[] = [];
  for (let month = last; month >= first; month = addMonths(month, -1)) months.push(month);
  return months;
}

function queryOf(address: Readonly<Record<string, string | number | null>>): string {
  const given = Object.entries(address).flatMap(([name, value]) =>
    value === null || value === "" || value === "newest" ? [] : [[name, String(value)]],
  );
  const query = new URLSearchParams(given).toString();
  return query === "" ? "" : `?${query}`;
}
