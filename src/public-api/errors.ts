import { AppError } from "@/lib/errors";
import { REFUSALS, type Refusal } from "@/lib/refusals";

/** No key, an unknown or revoked one, one that has expired, or one whose owner is suspended. */
export class InvalidApiKey extends AppError {
  constructor() {
    super({
      code: "invalid_api_key",
      status: 401,
      message: "Send a valid API key as `Authorization: Bearer qf_…`.",
    });
  }
}

export class ScopeMissing extends AppError {
  constructor(scope: string) {
    super({
      code: "scope_missing",
      status: 403,
      message: `The key does not have the scope "${scope}".`,
      details: { scope },
    });
  }
}

/** A personal key named another user, or a service key named none. */
export class WrongUser extends AppError {
  constructor(message: string) {
    super({ code: "wrong_user", status: 400, message });
  }
}

export class UserNotFound extends AppError {
  constructor() {
    super({
      code: "user_not_found",
      status: 404,
      message: "No such user, or the account is suspended or deleted.",
    });
  }
}

export class InvalidRequest extends AppError {
  constructor(message: string, details: { field?: string } = {}) {
    super({ code: "invalid_request", status: 400, message, details });
  }
}

/** Refused before any operation is found, such as a path with a malformed escape. */
export class RequestRefused extends AppError {
  constructor(refusal: Refusal) {
    const { status, text } = REFUSALS[refusal];
    super({ code: "request_refused", status, message: text });
  }
}

export class MethodNotAllowed extends AppError {
  constructor(allowed: readonly string[]) {
    const message = `This path allows ${allowed.join(" and ")} only.`;
    super({ code: "method_not_allowed", status: 405, message });
  }
}

export class RequestTooLarge extends AppError {
  constructor(maxBytes: number) {
    const message = `The body exceeds ${maxBytes / 1024} kB.`;
    super({ code: "request_too_large", status: 413, message });
  }
}

export class IdempotencyKeyMissing extends AppError {
  constructor() {
    super({
      code: "idempotency_key_missing",
      status: 400,
      message: "Send an `Idempotency-Key` of 1 to 200 visible ASCII characters.",
    });
  }
}

/** The feature refuses work above its hold. The hold was charged, and the rest is recorded as unbilled. */
export class OverrunRefused extends AppError {
  constructor(options: { required: number; charged: number; unbilled: number; reason: string }) {
    const { required, charged, unbilled } = options;
    super({
      code: "overrun_refused",
      status: 402,
      message: `The work cost ${required} credits. ${charged} were charged; ${unbilled} were not, because the feature refuses more than the hold.`,
      details: { ...options, available: charged },
    });
  }
}
