import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { expectBooksBalanced } from "../../support/books";
import type { TestDatabase } from "../../support/database";
import { NOW } from "../account-scenario";
import { rowsOfDatabase } from "../rows";
import { backendsIn } from "./crash-points";
import type { Operation } from "./operations";
import { runOperation } from "./run-operation";

/** Options of `expect.poll`, for a loaded machine. */
export const POLL = { timeout: 120_000, interval: 20 };

/** An operation to interrupt, its user and the rows before it. */
export interface OperationCase {
  readonly operation: Operation;
  readonly userId: string;
  readonly before: unknown;
}

/** Prepares a user for each operation. */
export async function prepareCases(
  database: TestDatabase,
  prefix: string,
  operations: readonly Operation[],
): Promise<OperationCase[]> {
  const cases: OperationCase[] = [];
  for (const operation of operations) {
    const userId = `${prefix} ${operation.name}`;
    await operation.prepare(database.db, userId);
    cases.push({ operation, userId, before: await rowsOf(database, operation, userId) });
  }
  return cases;
}

/**
 * Expects that each operation was applied completely (`isApplied`) or not at all, and that running it
 * again applies it once. `isApplied` null: either.
 */
export async function expectAtomic(
  database: TestDatabase,
  cases: readonly OperationCase[],
  isApplied: (operation: Operation) => boolean | null,
): Promise<void> {
  // Postgres notices a lost client when it next reads from the connection.
  await expect.poll(() => backendsIn(database.sql, "busy"), POLL).toEqual([]);
  for (const { operation, userId, before } of cases) {
    const { name } = operation;
    const interrupted = await rowsOf(database, operation, userId);
    const applied = isApplied(operation) ?? !isDeepStrictEqual(interrupted, before);
    if (applied) expect(interrupted, name).not.toEqual(before);
    else expect(interrupted, name).toEqual(before);
    const first = await repeat(database, operation, userId);
    const after = await rowsOf(database, operation, userId);
    expect(after, name).not.toEqual(before);
    if (applied) expect(after, name).toEqual(interrupted);
    const second = await repeat(database, operation, userId);
    expect(await rowsOf(database, operation, userId), name).toEqual(after);
    if (isReplayable(first)) {
      expect(first.replayed, name).toBe(applied);
      expect(second, name).toEqual({ ...first, replayed: true });
    }
    for (const user of operation.usersOf(userId)) await expectBooksBalanced(database.sql, user);
  }
}

/** All rows that the operation may change. */
async function rowsOf(
  { sql }: TestDatabase,
  { usersOf }: Operation,
  userId: string,
): Promise<unknown> {
  const users = usersOf(userId);
  const accounts = await sql<{ user_id: string }[]>`
    select user_id, opened_at from credit_account where user_id in ${sql(users)} order by user_id`;
  const schedules = await sql`
    select * from credit_schedule where user_id in ${sql(users)} order by user_id, id`;
  const rows = accounts.map((account) => rowsOfDatabase(sql, account.user_id, [NOW]));
  return { accounts: [...accounts], schedules: [...schedules], rows: await Promise.all(rows) };
}

const repeat = ({ db }: TestDatabase, operation: Operation, userId: string) =>
  runOperation(db, operation, userId, async () => {});

const isReplayable = (result: unknown): result is { replayed: boolean } =>
  typeof result === "object" && result !== null && "replayed" in result;
