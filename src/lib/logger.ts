import pino from "pino";
import { describeError } from "./describe-error";

/**
 * Structured logs, one line an event. Errors are logged once, where they are handled, with ids and
 * no personal data; the redaction below is the second line of defence, not the first.
 */
export const logger = createLogger({
  level: process.env.LOG_LEVEL ?? (process.env.NODE_ENV === "test" ? "silent" : "info"),
});

/** A logger that writes to `destination`, or to standard output. */
export function createLogger(options: {
  level: string;
  destination?: pino.DestinationStream;
}): pino.Logger {
  return pino(
    {
      level: options.level,
      base: null,
      redact: {
        paths: [
          ...["*.password", "*.token", "*.secret", "*.authorization", "*.cookie"],
          ...["*.email", "email"],
        ],
        censor: "[redacted]",
      },
      // Described already; pino's own would take the description for an error and fold it up.
      serializers: { err: (described: unknown) => described },
      hooks: {
        // Before pino sees it: pino writes an error's own message where a line has none.
        logMethod(args, method) {
          const [subject, ...rest] = args;
          return method.apply(this, [withErrorsDescribed(subject), ...rest]);
        },
      },
    },
    options.destination ?? pino.destination(1),
  );
}

/** An error's message and its own properties can hold what a person typed, under whatever name it is logged. */
function withErrorsDescribed(subject: unknown): unknown {
  if (subject instanceof Error) return { err: describeError(subject) };
  if (typeof subject !== "object" || subject === null) return subject;
  return Object.fromEntries(
    Object.entries(subject).map(([name, value]) => [
      name,
      name === "err" || value instanceof Error ? describeError(value) : value,
    ]),
  );
}
