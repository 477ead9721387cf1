import { createHash } from "node:crypto";
import { inArray, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { auditLog, user } from "@/db/schema";
import { AppError, InvalidInput } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { isPlainText, isVisible } from "@/lib/plain-text";
import { type Audited, auditedInput, completeAudit, recordAudit } from "../audit";
import { adjustUserCredits } from "./credit-account";
import { type GrantLine, type InvalidLine, MAX_GRANT_LINES, parseGrants } from "./parse-grants";

const MAX_FILE_LENGTH = 200_000;
/** Lines that are granted concurrently. */
const CONCURRENCY = 5;

export const grantFileInput = z.object({
  /** Names the batch: under one name, the same line is granted once. */
  name: z.string().trim().min(3).max(100).refine(isPlainText).refine(isVisible),
  text: z.string().min(1).max(MAX_FILE_LENGTH).refine(isVisible),
});
export type GrantFile = z.output<typeof grantFileInput>;

/** A line of the file with its user and what it does. */
export interface CheckedGrant extends GrantLine {
  /** Derived from the batch's name and the line: id of its audit entry and key of its booking. */
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  /** After the lines above it; negative: debt. */
  readonly availableBefore: number;
  readonly availableAfter: number;
  /** Granted by an earlier application under the same name. It is not granted again. */
  readonly isGranted: boolean;
}

export interface CheckedFile {
  readonly grants: readonly CheckedGrant[];
  readonly invalid: readonly InvalidLine[];
  /** Of the lines that are not granted yet. */
  readonly totalCredits: number;
  readonly totalUsers: number;
}

/**
 * Parses a file, finds its users and returns what it would grant. Writes nothing.
 * @throws InvalidInput if it has no lines or too many
 */
export async function checkGrants(
  reader: Executor,
  { name, text, now }: GrantFile & { readonly now: Date },
): Promise<CheckedFile> {
  const { lines, invalid } = parseGrants(text, now);
  const count = lines.length + invalid.length;
  if (count === 0) throw new InvalidInput("The file has no lines.");
  if (count > MAX_GRANT_LINES) throw new InvalidInput("The file has too many lines.");
  const users = await findUsers(reader, lines);
  const known = resolve(lines, users, name);
  const granted = await findGranted(reader, known.grants);
  const available = await readAvailable(reader, { users: [...users.values()], now });
  const grants = known.grants.map((grant) => {
    const isGranted = granted.has(grant.id);
    const availableBefore = available.get(grant.userId) ?? 0;
    const availableAfter = availableBefore + (isGranted ? 0 : grant.amount);
    available.set(grant.userId, availableAfter);
    return { ...grant, availableBefore, availableAfter, isGranted };
  });
  const open = grants.filter(({ isGranted }) => !isGranted);
  return {
    grants,
    invalid: [...invalid, ...known.invalid].sort((a, b) => a.line - b.line),
    totalCredits: open.reduce((sum, { amount }) => sum + amount, 0),
    totalUsers: new Set(open.map(({ userId }) => userId)).size,
  };
}

export const applyGrantsInput = auditedInput.extend(grantFileInput.shape);

export interface GrantResult {
  readonly line: number;
  readonly email: string;
  readonly amount: number;
  /** `pending`: not reached before the deadline. */
  readonly status: "granted" | "replayed" | "failed" | "pending";
  /** The code of the error of a failed line. */
  readonly error: string | null;
}

/**
 * Grants every line of a file in its own transaction, with an audit entry each and one for the file. A
 * line that fails does not stop the others. Applying a file again grants what is missing.
 * @throws InvalidInput if any line is invalid: nothing is granted then
 */
export async function applyGrants(
  db: Database,
  options: Audited<typeof applyGrantsInput> & { readonly deadlineMs: number },
): Promise<readonly GrantResult[]> {
  const { id, actorId, name, now, deadlineMs } = options;
  const { grants, invalid, totalCredits } = await checkGrants(db, options);
  if (invalid.length > 0) throw new InvalidInput("The file has invalid lines.");
  const isNew = await recordAudit(db, {
    id,
    actorId,
    action: "credits.bulk-grant",
    reason: name,
    after: { lines: grants.length, credits: totalCredits },
    now,
  });
  const results: GrantResult[] = [];
  for (let first = 0; first < grants.length; first += CONCURRENCY) {
    const batch = grants.slice(first, first + CONCURRENCY);
    const isLate = performance.now() >= deadlineMs;
    results.push(
      ...(await Promise.all(
        batch.map(async (grant) =>
          isLate ? resultOf(grant, "pending") : applyGrant(db, { grant, actorId, now }),
        ),
      )),
    );
  }
  const countOf = (status: GrantResult["status"]) =>
    results.filter((result) => result.status === status).length;
  if (isNew) {
    const after = { granted: countOf("granted"), failed: countOf("failed") };
    await completeAudit(db, { id, after });
  }
  return results;
}

async function applyGrant(
  db: Database,
  { grant, actorId, now }: { grant: CheckedGrant; actorId: string; now: Date },
): Promise<GrantResult> {
  if (grant.isGranted) return resultOf(grant, "replayed");
  const { id, userId, amount, expiresAt, reason } = grant;
  try {
    const booking = { id, userId, amount, expiresAt, reason, actorId, now };
    const { replayed } = await adjustUserCredits(db, booking);
    return resultOf(grant, replayed ? "replayed" : "granted");
  } catch (error) {
    if (!(error instanceof AppError)) logger.error({ err: error, userId }, "a grant failed");
    return resultOf(grant, "failed", error instanceof AppError ? error.code : "unexpected");
  }
}

function resultOf(
  { line, email, amount }: CheckedGrant,
  status: GrantResult["status"],
  error: string | null = null,
): GrantResult {
  return { line, email, amount, status, error };
}

interface KnownUser {
  readonly id: string;
  readonly email: string;
  readonly isDeleted: boolean;
}

/** The users that the lines name, by id and by email address. */
async function findUsers(
  reader: Executor,
  lines: readonly GrantLine[],
): Promise<ReadonlyMap<string, KnownUser>> {
  const names = [...new Set(lines.map(({ who }) => who))];
  if (names.length === 0) return new Map();
  const emails = names.map((name) => name.toLowerCase());
  const rows = await reader
    .select({ id: user.id, email: user.email, deletedAt: user.deletedAt })
    .from(user)
    .where(or(inArray(user.id, names), inArray(user.email, emails)));
  return new Map(
    rows.flatMap(({ id, email, deletedAt }) => {
      const found = { id, email, isDeleted: deletedAt !== null };
      return [
        [email.toLowerCase(), found],
        [id, found],
      ] as const;
    }),
  );
}

function resolve(lines: readonly GrantLine[], users: ReadonlyMap<string, KnownUser>, name: string) {
  const grants: (GrantLine & { id: string; userId: string; email: string })[] = [];
  const invalid: InvalidLine[] = [];
  const seen = new Set<string>();
  for (const line of lines) {
    const found = users.get(line.who) ?? users.get(line.who.toLowerCase());
    const refuse = (problem: InvalidLine["problem"]) =>
      invalid.push({ line: line.line, text: line.who, problem });
    if (found === undefined) refuse("unknown_user");
    else if (found.isDeleted) refuse("deleted_user");
    else {
      const id = grantId({ name, userId: found.id, line });
      if (seen.has(id)) refuse("repeated");
      else grants.push({ ...line, id, userId: found.id, email: found.email });
      seen.add(id);
    }
  }
  return { grants, invalid };
}

/** A UUID from the batch's name and the line's content, so that editing other lines changes nothing. */
function grantId({
  name,
  userId,
  line,
}: {
  name: string;
  userId: string;
  line: GrantLine;
}): string {
  const { amount, expiresAt, reason } = line;
  const facts = JSON.stringify([name, userId, amount, expiresAt, reason]);
  const hex = createHash("sha256").update(facts).digest("hex");
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(hex) ?? [];
  // Version 8 of RFC 9562: made from a hash of one's choice.
  return `${a}-${b}-8${c}-8${d}-${e}`;
}

async function findGranted(
  reader: Executor,
  grants: readonly { readonly id: string }[],
): Promise<ReadonlySet<string>> {
  if (grants.length === 0) return new Set();
  const ids = grants.map(({ id }) => id);
  const rows = await reader
    .select({ id: auditLog.id })
    .from(auditLog)
    .where(inArray(auditLog.id, ids));
  return new Set(rows.map(({ id }) => id));
}

async function readAvailable(
  reader: Executor,
  { users, now }: { users: readonly KnownUser[]; now: Date },
): Promise<Map<string, number>> {
  const ids = [...new Set(users.map(({ id }) => id))];
  if (ids.length === 0) return new Map();
  const rows = await reader.execute<{ id: string; available: string }>(sql`
    select u.id, b.available from unnest(${sql.param(ids)}::text[]) u(id)
    cross join lateral credits_balance(u.id,
      credits_read_instant(u.id, ${now.toISOString()}::timestamptz)) b`);
  return new Map(rows.map(({ id, available }) => [id, Number(available)]));
}
