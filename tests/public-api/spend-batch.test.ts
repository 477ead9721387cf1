import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { postSpend, postSpendBatch } from "@/public-api/operations";
import { changeRequestLimit } from "@/public-api/services";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { call, createKey, createUser, NOW } from "./api-fixture";

let database: TestDatabase;
let db: Database;
let people = 0;

const newUser = (credits?: number) => createUser(db, `batch-user-${++people}`, credits);

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

interface Result {
  readonly key: string;
  readonly booking: Readonly<Record<string, unknown>> | null;
  readonly problem: Readonly<Record<string, unknown>> | null;
}

async function spendBatch(key: string, spends: readonly object[]): Promise<readonly Result[]> {
  const { status, json } = await call(db, postSpendBatch, { key, body: { spends } });
  expect(status).toBe(200);
  return json.results as readonly Result[];
}

/** The outcome of each spend: the balance after it, or the code of its problem. */
const outcomesOf = (results: readonly Result[]) =>
  results.map(({ booking, problem }) => booking?.balance_after ?? problem?.code);

async function transactionsOf(users: readonly string[]): Promise<number> {
  const [row] = await database.sql<{ transactions: number }[]>`
    select count(distinct xmin::text)::int as transactions from credit_transaction
    where user_id = any(${[...users]}) and type = 'USAGE'`;
  return row?.transactions ?? 0;
}

describe("POST /spends/batch", () => {
  it("books each spend under its own key, and only once", async () => {
    const { key } = await createKey(db, {});
    const [one, two] = [await newUser(), await newUser()];
    const spends = [
      { key: "a", user: one, amount: 10, reference: "job-1" },
      { key: "b", user: two, amount: 20 },
    ];
    const first = await spendBatch(key, spends);
    expect(first).toMatchObject([
      { key: "a", booking: { key: "a", user: one, amount: -10, replayed: false }, problem: null },
      { key: "b", booking: { key: "b", user: two, amount: -20, replayed: false }, problem: null },
    ]);
    const again = await spendBatch(key, spends);
    expect(again.map(({ booking }) => booking)).toEqual(
      first.map(({ booking }) => ({ ...booking, replayed: true })),
    );
    const alone = { key, idempotencyKey: "a", body: { user: one, amount: 10, reference: "job-1" } };
    expect((await call(db, postSpend, alone)).json).toEqual(again[0]?.booking);
  });

  it("refuses one spend without stopping the others", async () => {
    const { key } = await createKey(db, {});
    const [rich, poor] = [await newUser(), await newUser(5)];
    await spendBatch(key, [{ key: "used", user: rich, amount: 1 }]);
    const results = await spendBatch(key, [
      { key: "poor", user: poor, amount: 6 },
      { key: "unknown", user: "nobody", amount: 1 },
      { key: "used", user: rich, amount: 2 },
      { key: "feature", user: rich, feature: "no-such-feature" },
      { key: "fine", user: rich, amount: 1 },
    ]);
    expect(outcomesOf(results)).toEqual([
      "insufficient_credits",
      "user_not_found",
      "idempotency_conflict",
      "invalid_request",
      998,
    ]);
    expect(results[0]?.problem).toMatchObject({ status: 402, required: 6, available: 5 });
    expect(results[1]?.problem?.request_id).toEqual(expect.any(String));
  });

  it("books the spends of one user in the order of the list", async () => {
    const { key } = await createKey(db, {});
    const user = await newUser(10);
    const amounts = [4, 3, 4, 2, 1, 1];
    const spends = amounts.map((amount, nth) => ({ key: `in-order-${nth}`, user, amount }));
    const refused = "insufficient_credits";
    expect(outcomesOf(await spendBatch(key, spends))).toEqual([6, 3, refused, 1, 0, refused]);
  });

  it("books a key that appears twice once", async () => {
    const { key } = await createKey(db, {});
    const user = await newUser(10);
    const spend = { key: "twice", user, amount: 4 };
    const results = await spendBatch(key, [spend, spend, { ...spend, amount: 5 }]);
    expect(outcomesOf(results)).toEqual([6, 6, "idempotency_conflict"]);
    expect(results.map(({ booking }) => booking?.replayed)).toEqual([false, true, undefined]);
  });

  it("never exceeds the cap of its service", async () => {
    const { key } = await createKey(db, { cap: { amount: 10, window: "day" } });
    const users = await Promise.all(Array.from({ length: 6 }, () => newUser()));
    const spends = users.map((user) => ({ key: "capped", user, amount: 3 }));
    const outcomes = outcomesOf(await spendBatch(key, spends));
    expect(outcomes.filter((outcome) => outcome === 997)).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === "spend_limit_exceeded")).toHaveLength(3);
  });

  it("books 256 spends in two transactions", async () => {
    const { key } = await createKey(db, {});
    const users = await Promise.all(Array.from({ length: 256 }, () => newUser()));
    const results = await spendBatch(
      key,
      users.map((user) => ({ key: "together", user, amount: 1 })),
    );
    expect(new Set(outcomesOf(results))).toEqual(new Set([999]));
    expect(await transactionsOf(users)).toBe(2);
  });

  it("acts for the owner of a personal key, and for nobody else", async () => {
    const owner = await newUser();
    const { key } = await createKey(db, { ownerId: owner });
    const results = await spendBatch(key, [
      { key: "own", amount: 1 },
      { key: "other", user: await newUser(), amount: 1 },
    ]);
    expect(outcomesOf(results)).toEqual([999, "wrong_user"]);
  });

  it.each([
    ["no spends", () => [], "spends"],
    [
      "more than 256",
      (user: string) => Array.from({ length: 257 }, (_, nth) => ({ key: `${nth}`, user })),
      "spends",
    ],
    [
      "an unknown field",
      (user: string) => [
        { key: "first", user, amount: 1 },
        { key: "x", user, amount: 1, cost: 2 },
      ],
      "spends.1.cost",
    ],
    ["a spend without a key", (user: string) => [{ user, amount: 1 }], "spends.0.key"],
    ["a spend without a cost", (user: string) => [{ key: "x", user }], "spends.0.amount"],
    ["a negative amount", (user: string) => [{ key: "x", user, amount: -1 }], "spends.0.amount"],
  ])("books nothing of a list with %s", async (_, spendsFor, field) => {
    const { key } = await createKey(db, {});
    const user = await newUser();
    const body = { spends: spendsFor(user) };
    const { status, json } = await call(db, postSpendBatch, { key, body });
    expect([status, json.code, json.field]).toEqual([400, "invalid_request", field]);
    expect(await transactionsOf([user])).toBe(0);
  });

  it("counts each spend as a request", async () => {
    const { key, serviceId } = await createKey(db, {});
    const user = await newUser();
    const change = { serviceId, ownerId: null, requestsPerMinute: 4 };
    await db.transaction((tx) => changeRequestLimit(tx, change));
    const spends = ["a", "b", "c"].map((name) => ({ key: name, user, amount: 1 }));
    await spendBatch(key, spends);
    await spendBatch(key, [{ key: "d", user, amount: 1 }]);
    const { status, headers } = await call(db, postSpendBatch, { key, body: { spends }, now: NOW });
    expect([status, headers.get("retry-after")]).toEqual([429, "60"]);
  });

  it("needs the scope to spend", async () => {
    const { key } = await createKey(db, { scopes: ["read"] });
    const body = { spends: [{ key: "a", user: await newUser(), amount: 1 }] };
    const { status, json } = await call(db, postSpendBatch, { key, body });
    expect([status, json.code]).toEqual([403, "scope_missing"]);
  });
});
