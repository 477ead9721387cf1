import { createLoader, parseAsInteger, parseAsStringLiteral } from "nuqs/server";
import { creditType } from "@/db/schema/ledger";

export const LEDGER_TYPES = creditType.enumValues;

/** What of the ledger is shown, kept in the address: `?type=USAGE&before=120`. */
export const ledgerParameters = {
  type: parseAsStringLiteral(LEDGER_TYPES),
  before: parseAsInteger,
};

export const loadLedgerParameters = createLoader(ledgerParameters);

/** The address of a page of the ledger. */
export function ledgerHref(page: { type: string | null; before: number | null }): string {
  const query = new URLSearchParams();
  if (page.type !== null) query.set("type", page.type);
  if (page.before !== null) query.set("before", String(page.before));
  const search = query.toString();
  return `/credits${search === "" ? "" : `?${search}`}#ledger`;
}
