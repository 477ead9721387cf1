/** What the log says of an error: enough to find its cause, nothing about a person. */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly [fact: string]: unknown;
}

/**
 * Facts that errors of our libraries carry and that name no person: Postgres's code, constraint,
 * table, column and routine, Node's code and syscall, Stripe's request. All else is left out, such
 * as Postgres's `detail` and `where`, which quote values, and drizzle's `params`, which are all of them.
 */
const FACTS = [
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
const CAUSES_AT_MOST = 5;

/** Describes an error, the errors that caused it and those it gathers, without what was in the data. */
export function describeError(error: unknown, causesLeft = CAUSES_AT_MOST): ErrorDescription {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: typeof error === "string" ? error : "not an Error" };
  }
  const facts = Object.fromEntries(
    Object.entries(error).filter(([name, value]) => FACTS.includes(name) && isPlain(value)),
  );
  return {
    type: error.name,
    message: messageOf(error),
    ...facts,
    ...(error.stack === undefined ? {} : { stack: framesOf(error.stack) }),
    ...(error.cause === undefined || causesLeft === 0
      ? {}
      : { cause: describeError(error.cause, causesLeft - 1) }),
    ...(error instanceof AggregateError && causesLeft > 0
      ? { errors: error.errors.map((one: unknown) => describeError(one, causesLeft - 1)) }
      : {}),
  };
}

/** Drizzle ends its message with the parameters; Postgres quotes a value that it could not read. */
function messageOf(error: Error): string {
  const message = error.message.replace(/\nparams: .*$/s, "\nparams: [left out]");
  return "code" in error && String(error.code).startsWith("22")
    ? message.replace(/: ".*"/s, ": [left out]")
    : message;
}

/** The message stands at the head of a stack; its frames say where. */
function framesOf(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}
