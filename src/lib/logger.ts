import pino from "pino";

/**
 * Structured logs, one line an event. Errors are logged once, where they are handled, with ids and
 * no personal data; the redaction below is the second line of defence, not the first.
 */
export const logger = pino({
  level: process.env.LOG_LEVEL ?? (process.env.NODE_ENV === "test" ? "silent" : "info"),
  base: null,
  redact: {
    paths: ["*.password", "*.token", "*.secret", "*.authorization", "*.cookie", "*.email", "email"],
    censor: "[redacted]",
  },
});
