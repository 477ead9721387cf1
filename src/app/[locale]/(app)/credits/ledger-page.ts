import type { LedgerAddress } from "@/ledger/reads/search-input";
import { addMonths, type Month } from "@/lib/local-day";
import type { Locale } from "@/lib/locales";

/** The address of a page of the ledger. What narrows nothing is left out. */
export function ledgerHref(address: Partial<LedgerAddress>): string {
  return `/credits${queryOf(address)}#ledger`;
}

/** The address of the CSV of all that a filter finds, with its words in a language. */
export function exportHref(address: LedgerAddress, locale: Locale): string {
  return `/api/credits/export${queryOf({ ...address, order: null, before: null, after: null, locale })}`;
}

/** Whether an address leaves anything out or turns it round, paging aside. */
export function isFiltered({ type, from, to, q, order }: LedgerAddress): boolean {
  const asked = type !== null || from !== null || to !== null || (q !== null && q !== "");
  return asked || order !== "newest";
}

/** Every month from one to another, newest first. */
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
