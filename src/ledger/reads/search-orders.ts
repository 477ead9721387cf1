/** Which end of a ledger comes first. In a file of its own: the browser's filter needs no database. */
export const LEDGER_ORDERS = ["newest", "oldest"] as const;
export type LedgerOrder = (typeof LEDGER_ORDERS)[number];
