import { addDays } from "date-fns";
import { auditReason, targetId } from "../audit";

/** More lines in one file are refused. */
export const MAX_GRANT_LINES = 500;
/** Larger grants are typing errors. */
export const MAX_GRANT = 1_000_000;

/** Why a line can't be granted. */
export const GRANT_PROBLEMS = [
  "columns",
  "user",
  "unknown_user",
  "deleted_user",
  "amount",
  "expiry",
  "past_expiry",
  "reason",
  "repeated",
] as const;
export type GrantProblem = (typeof GRANT_PROBLEMS)[number];

export interface GrantLine {
  /** In the file, from 1. */
  readonly line: number;
  /** As written: an email address or a user id. */
  readonly who: string;
  readonly amount: number;
  /** Null: never. */
  readonly expiresAt: Date | null;
  readonly reason: string;
}

/** A line that can't be granted. */
export interface InvalidLine {
  readonly line: number;
  readonly text: string;
  readonly problem: GrantProblem;
}

/**
 * Parses lines of `email or user id, amount, expiry, reason`, separated by commas, semicolons or tabs;
 * fields may be quoted. Skips empty lines and a header. An expiry is empty (never), a day (until its
 * end in UTC) or an instant in ISO 8601. The rest of a line without quotes belongs to its reason.
 */
export function parseGrants(
  text: string,
  now: Date,
): { lines: readonly GrantLine[]; invalid: readonly InvalidLine[] } {
  const rows = text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\r|\n/)
    .map((row, index) => ({ row: row.trim(), line: index + 1 }))
    .filter(({ row }) => row !== "");
  const separator = separatorOf(rows[0]?.row ?? "");
  const lines: GrantLine[] = [];
  const invalid: InvalidLine[] = [];
  for (const [index, { row, line }] of rows.entries()) {
    const fields = splitFields(row, separator);
    if (index === 0 && isHeader(fields)) continue;
    const parsed = parseLine(fields, now);
    if (typeof parsed === "string") invalid.push({ line, text: row, problem: parsed });
    else lines.push({ line, ...parsed });
  }
  return { lines, invalid };
}

function separatorOf(row: string): string {
  return /[\t,;]/.exec(row)?.[0] ?? ",";
}

/** A header names the amount, where every line has a number. */
function isHeader([, amount = ""]: readonly string[]): boolean {
  return /\p{L}/u.test(amount);
}

function splitFields(row: string, separator: string): string[] {
  const fields: string[] = [];
  let rest = row;
  while (fields.length < 3 && rest !== "") {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(rest);
    const end = quoted ? quoted[0].length : rest.indexOf(separator);
    const field = quoted?.[1]?.replaceAll('""', '"') ?? (end < 0 ? rest : rest.slice(0, end));
    fields.push(field.trim());
    rest = end < 0 ? "" : rest.slice(end).replace(separator, "");
  }
  const last = /^\s*"((?:[^"]|"")*)"\s*$/.exec(rest);
  return [...fields, (last?.[1]?.replaceAll('""', '"') ?? rest).trim()];
}

function parseLine(
  [who = "", amountText = "", expiryText = "", reasonText = "", ...others]: readonly string[],
  now: Date,
): Omit<GrantLine, "line"> | GrantProblem {
  if (amountText === "" || reasonText === "" || others.length > 0) return "columns";
  if (!targetId.safeParse(who).success) return "user";
  const amount = /^\+?\d{1,7}$/.test(amountText) ? Number(amountText) : 0;
  if (amount < 1 || amount > MAX_GRANT) return "amount";
  const expiresAt = parseExpiry(expiryText);
  if (expiresAt === undefined) return "expiry";
  if (expiresAt !== null && expiresAt <= now) return "past_expiry";
  const reason = auditReason.safeParse(reasonText);
  if (!reason.success) return "reason";
  return { who, amount, expiresAt, reason: reason.data };
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** Undefined if the text is no expiry. */
function parseExpiry(text: string): Date | null | undefined {
  if (text === "") return null;
  const isDay = DAY.test(text);
  if (!isDay && !INSTANT.test(text)) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return undefined;
  // JavaScript reads 30 February as 2 March.
  if (isDay && at.toISOString().slice(0, 10) !== text) return undefined;
  return isDay ? addDays(at, 1) : at;
}
