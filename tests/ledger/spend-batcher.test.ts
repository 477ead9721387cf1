import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import {
  AccountBusy,
  CreditAccountNotFound,
  InsufficientCredits,
  InvalidAmount,
  OutcomeUnknown,
  TooManySpends,
} from "@/ledger/errors";
import { grantCredits } from "@/ledger/grant";
import { SpendBatcher, type SpendBatcherOptions } from "@/ledger/spend-batcher";
import { expectBooksBalanced } from "../support/books";
import { connectToDatabase } from "../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { openProxy } from "../support/postgres-proxy";

const NOW = new Date("2026-03-01T12:00:00Z");
let database: TestDatabase;
const pools: Database[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  // Refuses to book what no function of the ledger refuses.
  await database.ownerSql.unsafe(`
    create function refuse_poison() returns trigger language plpgsql as $$
    begin
      raise exception 'poison';
    end $$;
    create trigger refuse_poison before insert on credit_transaction
      for each row when (new.source = 'poison') execute function refuse_poison();`);
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.$client.end({ timeout: 5 })));
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

function startBatcher({
  url = database.appUrl,
  max = 4,
  ...options
}: Partial<SpendBatcherOptions> & { url?: string; max?: number } = {}) {
  const db = connectToDatabase(url, { max });
  pools.push(db);
  return new SpendBatcher(db, options);
}

async function grant(userId: string, amount: number): Promise<string> {
  await database.db.transaction((tx) =>
    grantCredits(tx, {
      userId,
      key: "grant",
      amount,
      type: "PURCHASE_PACKAGE",
      source: "checkout:a",
      expiresAt: null,
      paid: true,
      now: NOW,
    }),
  );
  return userId;
}

const spendOf = (userId: string, key: string, amount = 1, source = "reading:1") => ({
  userId,
  key,
  amount,
  source,
  now: NOW,
});

/** The keys of a user's spends in booking order. */
async function bookedKeys(userId: string): Promise<string[]> {
  const rows = await database.sql<{ key: string }[]>`
    select idempotency_key as key from credit_transaction
    where user_id = ${userId} and operation = 'spend' order by seq`;
  return rows.map(({ key }) => key);
}

/** Locks an account until the returned function is called. */
async function lockAccount(userId: string): Promise<() => Promise<void>> {
  const connection = await database.ownerSql.reserve();
  await connection`begin`;
  await connection`select from credit_account where user_id = ${userId} for update`;
  return async () => {
    await connection`rollback`;
    connection.release();
  };
}

describe("SpendBatcher", () => {
  it("books spends that arrive together in one transaction, in the order of arrival", async () => {
    const users = await Promise.all(["together-a", "together-b"].map((user) => grant(user, 100)));
    const batcher = startBatcher();
    const keys = Array.from({ length: 20 }, (_, nth) => `key-${nth}`);
    const results = await Promise.all(
      keys.flatMap((key) => users.map((user) => batcher.spend(spendOf(user, key)))),
    );
    expect(results.at(-1)).toMatchObject({ amount: -1, balanceAfter: 80, replayed: false });
    for (const user of users) expect(await bookedKeys(user)).toEqual(keys);
    const [row] = await database.sql<{ transactions: number }[]>`
      select count(distinct xmin::text)::int as transactions from credit_transaction
      where user_id in ${database.sql(users)} and operation = 'spend'`;
    expect(row?.transactions).toBe(1);
  });

  it("books many spends in two transactions at once, each user's in one and in order", async () => {
    const users = await Promise.all(Array.from({ length: 60 }, (_, n) => grant(`many-${n}`, 100)));
    const batcher = startBatcher();
    const keys = ["first", "second", "third"];
    await Promise.all(
      users.flatMap((user) => keys.map((key) => batcher.spend(spendOf(user, key)))),
    );
    for (const user of users) expect(await bookedKeys(user)).toEqual(keys);
    const rows = await database.sql<{ transactions: number }[]>`
      select count(distinct xmin::text)::int as transactions from credit_transaction
      where user_id in ${database.sql(users)} and operation = 'spend' group by user_id`;
    expect(new Set(rows.map(({ transactions }) => transactions))).toEqual(new Set([1]));
    const [all] = await database.sql<{ transactions: number }[]>`
      select count(distinct xmin::text)::int as transactions from credit_transaction
      where user_id in ${database.sql(users)} and operation = 'spend'`;
    expect(all?.transactions).toBe(2);
  });

  it("keeps the order of a user whose spends arrive while two batches are under way", async () => {
    const users = await Promise.all(Array.from({ length: 128 }, (_, n) => grant(`busy-${n}`, 9)));
    const batcher = startBatcher();
    const keys = Array.from({ length: 6 }, (_, nth) => `key-${nth}`);
    const spends: Promise<unknown>[] = [];
    for (const key of keys) {
      // No user waits for the spend before.
      for (const user of users) spends.push(batcher.spend(spendOf(user, key)));
      await new Promise(setImmediate);
    }
    await Promise.all(spends);
    for (const user of users) expect(await bookedKeys(user)).toEqual(keys);
  });

  it("gives every caller its own refusal", async () => {
    const user = await grant("refusals", 10);
    const batcher = startBatcher();
    const outcomes = await Promise.allSettled([
      batcher.spend(spendOf(user, "fits", 6)),
      batcher.spend(spendOf(user, "too much", 6)),
      batcher.spend(spendOf("nobody", "no account")),
      batcher.spend(spendOf(user, "negative", -1)),
      batcher.spend(spendOf(user, "fraction", 0.5)),
      batcher.spend(spendOf(user, "fits too", 4)),
    ]);
    expect(
      outcomes.map((one) => (one.status === "rejected" ? one.reason.constructor : null)),
    ).toEqual([
      null,
      InsufficientCredits,
      CreditAccountNotFound,
      InvalidAmount,
      InvalidAmount,
      null,
    ]);
    expect(await bookedKeys(user)).toEqual(["fits", "fits too"]);
  });

  it("sells exactly what an account has to three processes at once", async () => {
    const users = await Promise.all(
      Array.from({ length: 8 }, (_, nth) => grant(`rush-${nth}`, 25)),
    );
    const batchers = [startBatcher(), startBatcher(), startBatcher()];
    const batcherOf = (nth: number) => batchers[nth % 3] as SpendBatcher;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, nth) => nth).flatMap((nth) =>
        users.map((user) => batcherOf(nth).spend(spendOf(user, `key-${nth}`))),
      ),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(8 * 25);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(InsufficientCredits);
    for (const user of users) expect(await bookedKeys(user)).toHaveLength(25);
  });

  it("books a key that two processes send at once only once", async () => {
    const user = await grant("twice", 100);
    const batchers = [startBatcher(), startBatcher()];
    const keys = Array.from({ length: 20 }, (_, nth) => `key-${nth}`);
    const results = await Promise.all(
      batchers.flatMap((batcher) => keys.map((key) => batcher.spend(spendOf(user, key)))),
    );
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(20);
    expect((await bookedKeys(user)).toSorted()).toEqual(keys.toSorted());
  });

  it("does not let a locked account delay the others, and keeps the order of its spends", async () => {
    const [slow, quick] = [await grant("slow", 10), await grant("quick", 10)];
    const unlock = await lockAccount(slow);
    const batcher = startBatcher({ lockTimeoutMs: 60_000 });
    const first = batcher.spend(spendOf(slow, "first"));
    await batcher.spend(spendOf(quick, "1"));
    const second = batcher.spend(spendOf(slow, "second"));
    await batcher.spend(spendOf(quick, "2"));
    expect(await bookedKeys(slow)).toEqual([]);
    await unlock();
    await Promise.all([first, second]);
    expect(await bookedKeys(slow)).toEqual(["first", "second"]);
  });

  it("rejects the spends of an account that stays locked, and of no other that waits", async () => {
    const [stuck, freed] = [await grant("stuck", 10), await grant("freed", 10)];
    const [unlockStuck, unlockFreed] = [await lockAccount(stuck), await lockAccount(freed)];
    const batcher = startBatcher({ lockTimeoutMs: 300 });
    const spends = Promise.allSettled([
      batcher.spend(spendOf(stuck, "1")),
      batcher.spend(spendOf(freed, "1")),
    ]);
    await unlockFreed();
    const [first, second] = await spends;
    expect(first).toMatchObject({ status: "rejected", reason: expect.any(AccountBusy) });
    expect(second).toMatchObject({ status: "fulfilled" });
    await unlockStuck();
    await batcher.spend(spendOf(stuck, "2"));
    expect(await bookedKeys(stuck)).toEqual(["2"]);
  });

  it("fails only the spend that Postgres refuses", async () => {
    const users = await Promise.all(
      Array.from({ length: 9 }, (_, nth) => grant(`poisoned-${nth}`, 10)),
    );
    const batcher = startBatcher();
    const outcomes = await Promise.allSettled(
      users.flatMap((user, nth) => [
        batcher.spend(spendOf(user, "before")),
        batcher.spend(spendOf(user, "key", 1, nth === 4 ? "poison" : "reading:1")),
        batcher.spend(spendOf(user, "after")),
      ]),
    );
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect(await bookedKeys("poisoned-4")).toEqual(["before", "after"]);
    expect(await bookedKeys("poisoned-5")).toEqual(["before", "key", "after"]);
  });

  it("refuses spends beyond the maximum that may wait", async () => {
    const user = await grant("crowd", 100);
    const batcher = startBatcher({ maxPending: 5 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, nth) => batcher.spend(spendOf(user, `key-${nth}`))),
    );
    const refused = outcomes.filter((one) => one.status === "rejected");
    expect(refused).toHaveLength(3);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(TooManySpends);
    await batcher.spend(spendOf(user, "later"));
    expect(await bookedKeys(user)).toHaveLength(6);
  });
});

describe("SpendBatcher, when the connection is lost", () => {
  it.each([
    { loses: "the statement", replayed: false },
    { loses: "the response", replayed: true },
  ] as const)(
    "retries a batch once and books it once: loses $loses",
    async ({ loses, replayed }) => {
      const user = await grant(`lost ${loses}`, 10);
      const { batcher, close } = await startBehindProxy({ loses, times: 1 });
      const results = await Promise.all([
        batcher.spend(spendOf(user, "a", 2)),
        batcher.spend(spendOf(user, "b", 3)),
      ]);
      expect(results).toMatchObject([{ replayed }, { replayed }]);
      expect(await bookedKeys(user)).toEqual(["a", "b"]);
      await close();
    },
  );

  it("reports an unknown outcome after the second loss, and the same key returns the result", async () => {
    const user = await grant("lost twice", 10);
    const { batcher, close } = await startBehindProxy({ loses: "the response", times: 2 });
    const outcomes = await Promise.allSettled([
      batcher.spend(spendOf(user, "a", 2)),
      batcher.spend(spendOf(user, "b", 3)),
    ]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(OutcomeUnknown) });
    expect(await batcher.spend(spendOf(user, "a", 2))).toMatchObject({
      amount: -2,
      replayed: true,
    });
    expect(await bookedKeys(user)).toEqual(["a", "b"]);
    await close();
  });
});

/** A batcher whose first connections are dropped at its call, before or after Postgres books it. */
async function startBehindProxy({
  loses,
  times,
}: {
  loses: "the statement" | "the response";
  times: number;
}) {
  let losses = 0;
  const proxy = await openProxy(database.directUrl, ({ client, server, drop }) => {
    const isLost = (message: Buffer, part: string) =>
      losses < times && message.includes(part) && ++losses > 0;
    client.on("data", (message) => {
      if (loses === "the statement" && isLost(message, "credits_spend_batch")) drop();
      else server.write(message);
    });
    server.on("data", (message) => {
      if (loses === "the response" && isLost(message, "balanceAfter")) drop();
      else client.write(message);
    });
  });
  return { batcher: startBatcher({ url: proxy.url, max: 1 }), close: () => proxy.close() };
}
