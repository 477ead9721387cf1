/** Names and codes of the application's ledger errors (`src/ledger/errors.ts`). */
const CODES = {
  AccountFrozen: "account_frozen",
  AlreadyRestored: "already_restored",
  HoldClosed: "hold_closed",
  HoldLapsed: "hold_lapsed",
  HoldNotFound: "hold_not_found",
  IdempotencyConflict: "idempotency_conflict",
  InsufficientCredits: "insufficient_credits",
  InvalidAmount: "invalid_amount",
  InvalidExpiry: "invalid_expiry",
  RefundExceedsSpend: "refund_exceeds_spend",
  SpendLimitExceeded: "spend_limit_exceeded",
  TransactionNotFound: "transaction_not_found",
} as const;

export type ModelErrorName = keyof typeof CODES;

/** A refused call. Its name, code and details equal those of the application's error. */
export class ModelError extends Error {
  override readonly name: ModelErrorName;
  readonly code: string;
  readonly details: Readonly<Record<string, string | number | null>>;

  constructor(name: ModelErrorName, details: ModelError["details"] = {}) {
    super(name);
    this.name = name;
    this.code = CODES[name];
    this.details = details;
  }
}
