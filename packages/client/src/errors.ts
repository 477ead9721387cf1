import type { Problem } from "./requests";

/** The API refused a request, or failed after all retries. */
export class ApiError extends Error {
  /** Stable: compare this, such as `insufficient_credits`. */
  readonly code: string;
  readonly status: number;
  /** Quote it when you contact us. */
  readonly requestId: string | null;
  /** All members: `required` and `available` with 402, `field` with 400. */
  readonly problem: Problem;
  /** The `Idempotency-Key` of a write. Repeat the write with it after a 5xx. */
  readonly idempotencyKey: string | null;

  constructor(problem: Problem, { idempotencyKey }: { idempotencyKey: string | null }) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = "ApiError";
    this.code = problem.code;
    this.status = problem.status;
    this.requestId = problem.request_id === "" ? null : problem.request_id;
    this.problem = problem;
    this.idempotencyKey = idempotencyKey;
  }
}

/** No response arrived in time after all retries. A write may have been carried out. */
export class ConnectionError extends Error {
  /** Repeat the write with this key to learn its result: it is carried out at most once. */
  readonly idempotencyKey: string | null;

  constructor(cause: unknown, { idempotencyKey }: { idempotencyKey: string | null }) {
    super("The API did not respond.", { cause });
    this.name = "ConnectionError";
    this.idempotencyKey = idempotencyKey;
  }
}
