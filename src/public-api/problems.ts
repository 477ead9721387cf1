import {
  AccountFrozen,
  CreditAccountNotFound,
  IdempotencyConflict,
  InsufficientCredits,
  SpendLimitExceeded,
} from "@/ledger/errors";
import { AppError, RateLimited } from "@/lib/errors";
import {
  IdempotencyKeyMissing,
  InvalidApiKey,
  InvalidRequest,
  ScopeMissing,
  UserNotFound,
  WrongUser,
} from "./errors";

/** An error as the body of a problem document (RFC 9457). What is not an `AppError` stays unnamed. */
export function problemOf(error: unknown, { requestId }: { requestId: string }) {
  const { code, status, message, details } = error instanceof AppError ? error : UNEXPECTED;
  return {
    type: `urn:qiflow:problem:${code}`,
    title: code.replaceAll("_", " "),
    status,
    // The ledger's message names its own key, not the client's.
    detail: error instanceof IdempotencyConflict ? CONFLICT : withRemedy(code, message),
    code,
    request_id: requestId,
    ...membersOf(code, details),
  };
}

const CONFLICT =
  "The `Idempotency-Key` was used with another payload. Repeat that payload, or use a new key.";

/** What a client can do about an error whose message states the fact only. */
const REMEDIES: Readonly<Record<string, string>> = {
  hold_not_found: "Name the `Idempotency-Key` with which your service made it, and its `user`.",
  transaction_not_found:
    "Name the `Idempotency-Key` with which your service booked it, and its `user`.",
  hold_closed: "Nothing more can be done with it. Make a new hold or spend.",
  hold_lapsed: "Make a new hold or spend.",
  scope_missing: "Use a key that has it.",
  user_not_found: "Name the id of an active user.",
};

function withRemedy(code: string, message: string): string {
  const remedy = REMEDIES[code];
  return remedy === undefined ? message : `${message} ${remedy}`;
}

const UNEXPECTED = new AppError({
  code: "unexpected",
  status: 500,
  message: "Something went wrong on our side. Repeat the request with the same key.",
});

/** The details of an error with the API's field names. A limit's remainder is what is available. */
function membersOf(code: string, details: AppError["details"]): Record<string, unknown> {
  const named = Object.fromEntries(
    Object.entries(details)
      // The ledger's key is not the client's.
      .filter(([name]) => name !== "key")
      .map(([name, value]) => [name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), value]),
  );
  if (code !== "spend_limit_exceeded") return named;
  const { remaining, resetsAt } = details;
  const resets_at = typeof resetsAt === "string" ? new Date(resetsAt).toISOString() : null;
  return { ...named, available: remaining, resets_at };
}

/** The errors of every operation, as the reference shows them. */
export const REQUEST_PROBLEMS: readonly AppError[] = [
  new InvalidRequest("`amount` must be at least 1.", { field: "amount" }),
  new WrongUser("Name the `user` for whom the service acts."),
  new InvalidApiKey(),
  new ScopeMissing("spend"),
  new UserNotFound(),
  new RateLimited({ retryAfterSeconds: 60 }),
  UNEXPECTED,
];

/** The errors of every write. */
export const WRITE_PROBLEMS: readonly AppError[] = [
  new IdempotencyKeyMissing(),
  new IdempotencyConflict(""),
  new CreditAccountNotFound(),
];

/** The errors of operations that take credits. */
export const DEBIT_PROBLEMS: readonly AppError[] = [
  new InsufficientCredits({ required: 20, available: 15 }),
  new SpendLimitExceeded({
    required: 20,
    limit: 500,
    remaining: 10,
    window: "day",
    resetsAt: "2026-12-01T00:00:00.000Z",
  }),
  new AccountFrozen(),
];
