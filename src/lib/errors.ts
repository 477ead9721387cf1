/** Facts that an `AppError` may carry to the person: plain values only, so that they serialise. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/**
 * An error that a person or a caller is meant to see: what was wrong, as a fact with a name.
 * `code` is the key of its sentence in the messages (`errors.<code>`), `status` the HTTP status a
 * route answers with, `details` the figures that the sentence needs.
 * Anything that is not an `AppError` is a fault of ours: it is logged once and answered as 500.
 */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(options: {
    code: string;
    status: number;
    message: string;
    details?: ErrorDetails;
    cause?: unknown;
  }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.status = options.status;
    this.details = options.details ?? {};
  }
}

export class NotSignedIn extends AppError {
  constructor() {
    super({ code: "not_signed_in", status: 401, message: "Sign in to continue." });
  }
}

export class NotAllowed extends AppError {
  constructor() {
    super({ code: "not_allowed", status: 403, message: "This account may not do that." });
  }
}

export class NotFound extends AppError {
  constructor(what: string) {
    super({ code: "not_found", status: 404, message: `No such ${what}.`, details: { what } });
  }
}

export class InvalidInput extends AppError {
  constructor(message: string, details?: ErrorDetails) {
    super({ code: "invalid_input", status: 400, message, details: details ?? {} });
  }
}

export class RateLimited extends AppError {
  constructor(options: { retryAfterSeconds: number }) {
    super({
      code: "rate_limited",
      status: 429,
      message: `Too many attempts. Try again in ${options.retryAfterSeconds} seconds.`,
      details: { retryAfterSeconds: options.retryAfterSeconds },
    });
  }
}

export class ServiceUnavailable extends AppError {
  constructor(service: string, cause?: unknown) {
    super({
      code: "service_unavailable",
      status: 503,
      message: `${service} does not answer at the moment. Nothing was lost; try again in a minute.`,
      details: { service },
      cause,
    });
  }
}
