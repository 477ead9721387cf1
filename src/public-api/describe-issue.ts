import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** How zod's own messages begin. */
const ZODS_OWN = /^(Invalid|Too|Unrecognized)/;

/**
 * States in a sentence what is wrong with an input and how to correct it. `field` is dotted, or "" for the
 * input itself.
 */
export function describeIssue(issue: Issue, input: unknown): { field: string; message: string } {
  const path =
    issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const field = path.map(String).join(".");
  const name = field === "" ? "The body" : `\`${field}\``;
  if (issue.code === "custom" || !ZODS_OWN.test(issue.message)) {
    return { field, message: custom(name, issue.message) };
  }
  if (field !== "" && valueAt(input, path) === undefined) {
    return { field, message: `${name} is missing.` };
  }
  return { field, message: `${name} ${requirementOf(issue)}.` };
}

/** A schema's own message is a sentence, or the end of one that begins with the field. */
function custom(name: string, message: string): string {
  return /^[a-z]/.test(message) ? `${name} ${message}.` : `${name}: ${message}`;
}

/** As the end of a sentence that begins with the field. */
function requirementOf(issue: Issue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return "is not a field of this request. Leave it out";
    case "invalid_type":
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case "too_small":
      return `must ${sizeOf(issue.origin, `at least ${issue.minimum}`)}`;
    case "too_big":
      return `must ${sizeOf(issue.origin, `at most ${issue.maximum}`)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => `\`${String(value)}\``).join(" or ")}`;
    case "invalid_format":
      return FORMATS[issue.format] ?? `must match ${issue.pattern ?? issue.format}`;
    default:
      return "has a value or a form that this request does not accept";
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "`true` or `false`",
  object: "a JSON object",
  record: "a JSON object",
  array: "a list",
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: "must be an instant in UTC, such as `2026-11-30T12:00:00Z`",
  date: "must be a day, such as `2026-11-30`",
};

function sizeOf(origin: string, bound: string): string {
  if (origin === "string") return `have ${bound} characters`;
  return origin === "array"
    ? `have ${bound} ${bound.endsWith(" 1") ? "entry" : "entries"}`
    : `be ${bound}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? Reflect.get(value, key)
        : undefined,
    input,
  );
}
