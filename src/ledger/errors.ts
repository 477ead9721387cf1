import { AppError } from "@/lib/errors";

export class InsufficientCredits extends AppError {
  constructor(options: { required: number; available: number }) {
    super({
      code: "insufficient_credits",
      status: 402,
      message: `${options.required} credits are required; ${options.available} are available.`,
      details: options,
    });
  }
}

/** A hard spending limit. `resetsAt` is in ISO 8601; null if the window never ends. */
export class SpendLimitExceeded extends AppError {
  constructor(options: {
    required: number;
    limit: number;
    remaining: number;
    window: string;
    resetsAt: string | null;
  }) {
    super({
      code: "spend_limit_exceeded",
      status: 402,
      message: `${options.required} credits are required; the spending limit leaves ${options.remaining}.`,
      details: options,
    });
  }
}

export class IdempotencyConflict extends AppError {
  constructor(key: string) {
    super({
      code: "idempotency_conflict",
      status: 409,
      message: `The idempotency key ${key} was used with another payload.`,
      details: { key },
    });
  }
}

export class CreditAccountNotFound extends AppError {
  constructor() {
    super({
      code: "credit_account_not_found",
      status: 404,
      message: "This user has no credit account.",
    });
  }
}

export class AccountFrozen extends AppError {
  constructor() {
    super({
      code: "account_frozen",
      status: 423,
      message: "This account is frozen while its balance is checked.",
    });
  }
}

export class HoldNotFound extends AppError {
  constructor() {
    super({ code: "hold_not_found", status: 404, message: "The hold does not exist." });
  }
}

export class HoldClosed extends AppError {
  constructor(holdStatus: string) {
    super({
      code: "hold_closed",
      status: 409,
      message: `The hold is already ${holdStatus}.`,
      details: { holdStatus },
    });
  }
}

export class HoldLapsed extends AppError {
  constructor() {
    super({
      code: "hold_lapsed",
      status: 409,
      message: "The hold has lapsed; its credits are available again.",
    });
  }
}

export class InvalidAmount extends AppError {
  constructor(message: string, amount: number | null) {
    super({ code: "invalid_amount", status: 400, message, details: { amount } });
  }
}

export class InvalidExpiry extends AppError {
  constructor(message: string) {
    super({ code: "invalid_expiry", status: 400, message });
  }
}

export class RefundExceedsSpend extends AppError {
  constructor(options: { amount: number; refundable: number }) {
    super({
      code: "refund_exceeds_spend",
      status: 409,
      message:
        options.refundable === 0
          ? "The spend is already refunded in full."
          : `${options.amount} credits exceed the ${options.refundable} that can be refunded.`,
      details: options,
    });
  }
}

export class TransactionNotFound extends AppError {
  constructor(message: string) {
    super({ code: "transaction_not_found", status: 404, message });
  }
}

export class AlreadyRestored extends AppError {
  constructor() {
    super({
      code: "already_restored",
      status: 409,
      message: "This revocation is already restored.",
    });
  }
}

/** Another transaction holds the account's lock for too long. Nothing was booked. */
export class AccountBusy extends AppError {
  constructor() {
    super({
      code: "account_busy",
      status: 503,
      message: "The account is busy. Nothing was charged; try again.",
    });
  }
}

/** More spends wait than can be booked in a reasonable time. Nothing was booked. */
export class TooManySpends extends AppError {
  constructor() {
    super({
      code: "too_many_spends",
      status: 503,
      message: "Too many spends are waiting. Nothing was charged; try again in a second.",
    });
  }
}

/** The connection was lost before the result arrived. The write may have been booked. */
export class OutcomeUnknown extends AppError {
  constructor(cause: unknown) {
    super({
      code: "outcome_unknown",
      status: 503,
      message:
        "The database connection was lost. Repeat the request with the same idempotency key to get its result.",
      cause,
    });
  }
}
