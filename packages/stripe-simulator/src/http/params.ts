import { z } from "zod";
import { invalid, type StripeFault } from "./fault";

/** A form body as a tree: `a[b][0]=c` becomes `{ a: { b: { 0: "c" } } }`. */
export interface FormTree {
  [name: string]: string | FormTree;
}

/** Parses form-encoded text as Stripe does: brackets nest, `[]` appends. */
export function parseForm(form: string): FormTree {
  const tree = emptyTree();
  for (const [name, value] of new URLSearchParams(form)) {
    const keys = name.split("[").map((part) => part.replace(/\]$/, ""));
    place(tree, keys, value);
  }
  return tree;
}

/** Has no prototype, so that names sent by a caller cannot collide with built-in properties. */
function emptyTree(): FormTree {
  return Object.create(null);
}

function place(tree: FormTree, [given = "", ...rest]: string[], value: string): void {
  const key = given === "" ? String(Object.keys(tree).length) : given;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  tree[key] ??= emptyTree();
  const branch = tree[key];
  if (typeof branch === "string") {
    throw invalid(`Invalid form: ${key} is both a value and a group`, key);
  }
  place(branch, rest, value);
}

// Building blocks for parameter schemas. Every value arrives as text.
export const text = z.string();
export const flag = z.enum(["true", "false"]).transform((value) => value === "true");
export const whole = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(Number);
export const webAddress = z.url({ protocol: /^https?$/ });
/** An empty string clears the field. */
export const clearable = z.string().transform((value) => (value === "" ? null : value));
/** `name[0]=…&name[1]=…` */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.record(z.string(), item).transform((items) => Object.values(items));
}
const upTo = (length: number) => (one: string) => one.length <= length;
/** Key-value pairs within Stripe's limits. An empty value removes its key. */
export const metadata = z
  .record(z.string(), z.string())
  .refine((pairs) => Object.keys(pairs).length <= 50, "At most 50 keys.")
  .refine((pairs) => Object.keys(pairs).every(upTo(40)), "At most 40 characters a key.")
  .refine((pairs) => Object.values(pairs).every(upTo(500)), "At most 500 characters a value.");
export const none = z.strictObject({});

/**
 * Parses parameters with a schema. The schema should be strict, because Stripe rejects unknown
 * parameters.
 */
export function readParams<Schema extends z.ZodType>(
  schema: Schema,
  tree: FormTree,
): z.output<Schema> {
  const read = schema.safeParse(tree);
  if (read.success) {
    return read.data;
  }
  const [issue] = read.error.issues;
  throw issue ? refusal(issue, tree) : invalid("Invalid parameters");
}

/** Describes the first invalid parameter in Stripe's words. */
function refusal(issue: z.core.$ZodIssue, tree: FormTree): StripeFault {
  if (issue.code === "unrecognized_keys") {
    const param = named([...issue.path, issue.keys[0] ?? ""]);
    return invalid(`Received unknown parameter: ${param}`, param, "parameter_unknown");
  }
  const param = named(issue.path);
  if (issue.code === "custom") {
    return invalid(issue.message, param, issue.params?.code);
  }
  if (isAbsent(tree, issue.path)) {
    return invalid(`Missing required param: ${param}.`, param, "parameter_missing");
  }
  const codes: Record<string, string> = { url: "url_invalid", regex: "parameter_invalid_integer" };
  const code = issue.code === "invalid_format" ? codes[issue.format] : undefined;
  return invalid(`Invalid ${param}: ${issue.message}`, param, code);
}

function named(path: PropertyKey[]): string {
  const [head, ...rest] = path.map(String);
  return `${head ?? ""}${rest.map((part) => `[${part}]`).join("")}`;
}

function isAbsent(tree: FormTree, path: PropertyKey[]): boolean {
  let found: string | FormTree | undefined = tree;
  for (const key of path) {
    found = typeof found === "object" ? found[String(key)] : undefined;
  }
  return found === undefined;
}
