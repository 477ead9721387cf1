import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { expectBooksBalanced } from "../support/books";
import type { TestDatabase } from "../support/database";
import type { Operation } from "./crash-operations";
import { backendsThat } from "./crash-points";
import { rowsOfDatabase } from "./ledger-rows";
import { NOW } from "./prepared-user";
import { runOperation } from "./run-operation";

/** For `expect.poll` on a machine that has other things to do. */
export const POLL = { timeout: 120_000, interval: 20 };

/** A user, and those named after it, with which an operation is cut short. */
export interface Victim {
  readonly operation: Operation;
  readonly userId: string;
  readonly before: unknown;
}

/** A prepared user for each operation, named after both. */
export async function prepareVictims(
  database: TestDatabase,
  prefix: string,
  of: readonly Operation[],
): Promise<Victim[]> {
  const victims: Victim[] = [];
  for (const operation of of) {
    const userId = `${prefix} ${operation.name}`;
    await operation.prepare(database.db, userId);
    victims.push({ operation, userId, before: await rowsOf(database, operation, userId) });
  }
  return victims;
}

/** All that the operation may change. */
async function rowsOf(
  { sql }: TestDatabase,
  { usersOf }: Operation,
  userId: string,
): Promise<unknown> {
  const users = usersOf(userId);
  const opened = await sql<{ user_id: string }[]>`
    select user_id, opened_at from credit_account where user_id in ${sql(users)} order by user_id`;
  const schedules = await sql`
    select * from credit_schedule where user_id in ${sql(users)} order by user_id, id`;
  const rows = opened.map((account) => rowsOfDatabase(sql, account.user_id, [NOW]));
  return { opened: [...opened], schedules: [...schedules], rows: await Promise.all(rows) };
}

/** Nothing is half done, and asking again does it once. `isDone` null: it may be done or not. */
export async function expectAllOrNothing(
  database: TestDatabase,
  victims: readonly Victim[],
  isDone: (operation: Operation) => boolean | null,
): Promise<void> {
  // Postgres notices that its client is gone when it next reads from it.
  await expect.poll(() => backendsThat(database.sql, "is busy"), POLL).toEqual([]);
  for (const { operation, userId, before } of victims) {
    const { name } = operation;
    const left = await rowsOf(database, operation, userId);
    const done = isDone(operation) ?? !isDeepStrictEqual(left, before);
    if (done) expect(left, name).not.toEqual(before);
    else expect(left, name).toEqual(before);
    const first = await again(database, operation, userId);
    const after = await rowsOf(database, operation, userId);
    expect(after, name).not.toEqual(before);
    if (done) expect(after, name).toEqual(left);
    const second = await again(database, operation, userId);
    expect(await rowsOf(database, operation, userId), name).toEqual(after);
    if (isReplayable(first)) {
      expect(first.replayed, name).toBe(done);
      expect(second, name).toEqual({ ...first, replayed: true });
    }
    for (const user of operation.usersOf(userId)) await expectBooksBalanced(database.sql, user);
  }
}

const again = ({ db }: TestDatabase, operation: Operation, userId: string) =>
  runOperation(db, operation, userId, async () => {});

const isReplayable = (answer: unknown): answer is { replayed: boolean } =>
  typeof answer === "object" && answer !== null && "replayed" in answer;
