import { AppError } from "@/lib/errors";

export class InsufficientCredits extends AppError {
  constructor(options: { required: number; available: number }) {
    super({
      code: "insufficient_credits",
      status: 402,
      message: `This needs ${options.required} credits; ${options.available} are available.`,
      details: options,
    });
  }
}

export class IdempotencyConflict extends AppError {
  constructor(key: string) {
    super({
      code: "idempotency_conflict",
      status: 409,
      message: `The key ${key} was used for something else before.`,
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
      message: "Spending is paused on this account while its books are checked.",
    });
  }
}

export class HoldNotFound extends AppError {
  constructor() {
    super({ code: "hold_not_found", status: 404, message: "There is no such hold." });
  }
}

export class HoldClosed extends AppError {
  constructor(holdStatus: string) {
    super({
      code: "hold_closed",
      status: 409,
      message: `This hold was ${holdStatus} already.`,
      details: { holdStatus },
    });
  }
}

export class HoldLapsed extends AppError {
  constructor() {
    super({
      code: "hold_lapsed",
      status: 409,
      message: "This hold has lapsed; its credits are free again.",
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
      message: `${options.refundable} credits of this spend can be given back, not ${options.amount}.`,
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
      message: "This revocation was undone already.",
    });
  }
}
