/** Facts that an `AppError` reports to the user: plain values only, so that they serialize. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/**
 * An error that the user or the API caller is meant to see. `code` is the key of its message
 * (`errors.<code>`), `status` the HTTP status that a route responds with, `details` the values that
 * the message needs. Every other error is a fault on our side: it is logged once and becomes a 500.
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
    super({ code: "not_allowed", status: 403, message: "This account isn't allowed to do that." });
  }
}

/** The console requires a second factor, and the admin has none. */
export class SecondFactorMissing extends AppError {
  constructor() {
    super({
      code: "second_factor_missing",
      status: 403,
      message: "The console requires two-factor authentication or a passkey.",
    });
  }
}

/** The caller has to confirm again that they are the owner of the session. */
export class ProofRequired extends AppError {
  constructor() {
    super({ code: "proof_required", status: 403, message: "Confirm that it is you." });
  }
}

/** The page was rendered for a person other than the one who is signed in now. */
export class SignedInAsAnother extends AppError {
  constructor({ email }: { email: string }) {
    super({
      code: "signed_in_as_another",
      status: 409,
      message: "Another account is signed in than the one this page was rendered for.",
      details: { email },
    });
  }
}

/** The page comes from an older deployment, whose calls the server no longer accepts. */
export class PageOutOfDate extends AppError {
  constructor() {
    super({ code: "page_out_of_date", status: 409, message: "This page is out of date." });
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

/** The input holds control characters, lone surrogates or marks that reorder the text around them. */
export class InvalidText extends AppError {
  constructor() {
    super({
      code: "invalid_text",
      status: 400,
      message: "The text contains characters that can't be displayed.",
    });
  }
}

export class RateLimited extends AppError {
  constructor({ retryAfterSeconds }: { retryAfterSeconds: number }) {
    super({
      code: "rate_limited",
      status: 429,
      message: `Too many attempts. Try again in ${retryAfterSeconds} seconds.`,
      details: { retryAfterSeconds },
    });
  }
}

export class ServiceUnavailable extends AppError {
  constructor(service: string, cause?: unknown) {
    super({
      code: "service_unavailable",
      status: 503,
      message: `${service} is not responding. Nothing was lost; try again in a minute.`,
      details: { service },
      cause,
    });
  }
}

/** An error as it is logged: enough to find its cause, without personal data. */
interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly [fact: string]: unknown;
}

/**
 * The properties of library errors that hold no personal data. Everything else is omitted, such as
 * Postgres's `detail` and `where`, which quote values, and Drizzle's `params`.
 */
const SAFE_PROPERTIES = [
  "code",
  "constraint_name",
  "schema_name",
  "table_name",
  "column_name",
  "routine",
  "severity",
  "syscall",
  "status",
  "statusCode",
  "requestId",
];
const MAX_CAUSES = 5;

/** Describes an error with its causes and aggregated errors, without personal data. */
export function describeError(error: unknown, remainingCauses = MAX_CAUSES): ErrorDescription {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: typeof error === "string" ? error : "not an Error" };
  }
  const safeProperties = Object.fromEntries(
    Object.entries(error).filter(
      ([name, value]) => SAFE_PROPERTIES.includes(name) && isTextOrNumber(value),
    ),
  );
  return {
    type: error.name,
    message: redactedMessage(error),
    ...safeProperties,
    ...(error.stack === undefined ? {} : { stack: framesOf(error.stack) }),
    ...(error.cause === undefined || remainingCauses === 0
      ? {}
      : { cause: describeError(error.cause, remainingCauses - 1) }),
    ...(error instanceof AggregateError && remainingCauses > 0
      ? { errors: error.errors.map((one: unknown) => describeError(one, remainingCauses - 1)) }
      : {}),
  };
}

/** Drizzle appends the parameters to its message. Postgres quotes a value that it cannot parse. */
function redactedMessage(error: Error): string {
  const message = error.message.replace(/\nparams: .*$/s, "\nparams: [left out]");
  return "code" in error && String(error.code).startsWith("22")
    ? message.replace(/: ".*"/s, ": [left out]")
    : message;
}

/** Drops the message, which a stack repeats before its frames. */
function framesOf(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}

function isTextOrNumber(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}
