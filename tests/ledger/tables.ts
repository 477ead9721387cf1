/** The tables that only the ledger's functions may write. */
export const LEDGER_TABLES = [
  "credit_account",
  "credit_transaction",
  "credit_lot",
  "credit_hold",
  "credit_hold_extension",
  "credit_unbilled",
  "credit_allocation",
  "credit_settlement",
  "credit_schedule",
  "spend_limit",
  "spend_count",
  "credit_signal",
  "low_balance_default",
] as const;
