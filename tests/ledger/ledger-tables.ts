/** The tables that the ledger's functions alone may write. */
export const LEDGER_TABLES = [
  "credit_account",
  "credit_transaction",
  "credit_lot",
  "credit_hold",
  "credit_allocation",
  "credit_settlement",
  "credit_schedule",
] as const;
