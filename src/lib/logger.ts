import pino from "pino";
import { describeError } from "./errors";

/**
 * Structured logs, one line per event. An error is logged once, where it is handled, with ids and
 * without personal data. The redaction below is the second line of defence.
 */
export const logger = createLogger({
  level: process.env.LOG_LEVEL ?? (process.env.NODE_ENV === "test" ? "silent" : "info"),
});

/** Creates a logger that writes to `destination`, or to standard output. */
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
          "*.password",
          "*.token",
          "*.secret",
          "*.authorization",
          "*.cookie",
          "*.email",
          "email",
        ],
        censor: "[redacted]",
      },
      // The hook has described the error. pino's own serializer would take it for an error again.
      serializers: { err: (described: unknown) => described },
      hooks: {
        // Runs before pino, which uses an error's message as the message of a line without one.
        logMethod(args, method) {
          const [subject, ...rest] = args;
          return method.apply(this, [withErrorsDescribed(subject), ...rest]);
        },
      },
    },
    options.destination ?? pino.destination(1),
  );
}

/** Describes errors under any property name: their messages can contain personal data. */
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
