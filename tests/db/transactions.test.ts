import { setTimeout as wait } from "node:timers/promises";
import { sql as query } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database, Transaction } from "@/db/client";
import { connectToDatabase } from "../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectToDatabase(database.appUrl, { max: 2 });
  await database.ownerSql.unsafe(`
    create table note (id text primary key, words text[]);
    grant all on note to qiflow_app;`);
});

afterAll(async () => {
  await db.$client.end({ timeout: 5 });
  await database.close();
});

beforeEach(async () => {
  await db.execute("truncate note");
});

const write = (tx: Transaction, id: string) =>
  tx.execute(query`insert into note values (${id}, '{}')`);

async function notes(): Promise<string[]> {
  const rows = await database.ownerSql<{ id: string }[]>`select id from note order by id`;
  return rows.map((row) => row.id);
}

describe("a transaction", () => {
  it("commits and returns the result of the work", async () => {
    const result = await db.transaction(async (tx) => {
      await write(tx, "a");
      await write(tx, "b");
      return 42;
    });
    expect(result).toBe(42);
    expect(await notes()).toEqual(["a", "b"]);
  });

  it("rolls back and throws the error of the work", async () => {
    const reason = new Error("changed my mind");
    const failing = db.transaction(async (tx) => {
      await write(tx, "a");
      throw reason;
    });
    await expect(failing).rejects.toBe(reason);
    expect(await notes()).toEqual([]);
  });

  it("rolls back when a statement failed, even if the work caught the error", async () => {
    const failing = db.transaction(async (tx) => {
      await write(tx, "a");
      await write(tx, "a").catch(() => {});
    });
    await expect(failing).rejects.toMatchObject({ code: "23505" });
    expect(await notes()).toEqual([]);
  });

  it("waits for statements that the work did not await", async () => {
    await db.transaction(async (tx) => {
      void tx.execute("select pg_sleep(0.05)");
      void write(tx, "late").then();
    });
    expect(await notes()).toEqual(["late"]);
  });

  it("rejects a statement after its end", async () => {
    let kept: Transaction | undefined;
    await db.transaction(async (tx) => {
      kept = tx;
    });
    await expect(kept?.execute("select 1")).rejects.toMatchObject({
      cause: { message: "A statement came after the end of its transaction." },
    });
  });

  it("rejects a statement during its rollback", async () => {
    const outcomes: Promise<PromiseSettledResult<unknown>[]>[] = [];
    const failing = db.transaction(async (tx) => {
      const continued = write(tx, "a").then(() => write(tx, "b"));
      const nested = write(tx, "c").then(() => tx.transaction((inner) => write(inner, "d")));
      outcomes.push(Promise.allSettled([continued, nested]));
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    expect((await outcomes[0])?.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await notes()).toEqual([]);
  });

  it("rolls back only the nested transaction that failed", async () => {
    await db.transaction(async (tx) => {
      await write(tx, "outer");
      await tx
        .transaction(async (nested) => {
          await write(nested, "inner");
          await nested.transaction((deeper) => write(deeper, "deeper"));
          await write(nested, "outer");
        })
        .catch(() => {});
      await tx.transaction((nested) => write(nested, "second"));
    });
    expect(await notes()).toEqual(["outer", "second"]);
  });
});

describe("the pool", () => {
  it("opens no more connections than its maximum", async () => {
    const backends = new Set<unknown>();
    const work = () =>
      db.transaction(async (tx) => {
        const [row] = await tx.execute("select pg_backend_pid() as pid, pg_sleep(0.01)");
        backends.add(row?.pid);
      });
    await Promise.all(Array.from({ length: 12 }, work));
    expect(backends.size).toBe(2);
  });

  it("lends a connection in the order of the requests", async () => {
    const pool = connectToDatabase(database.appUrl, { max: 1 });
    const turns = Array.from({ length: 6 }, (_, nth) => nth);
    const order: number[] = [];
    await Promise.all(turns.map((nth) => pool.transaction(async () => order.push(nth))));
    expect(order).toEqual(turns);
    await pool.$client.end();
  });

  it("reads and writes text arrays with any content", async () => {
    const words = ["plain", "", "a,b", 'quo"te', "back\\slash", "{brace}", "五行", "null", null];
    const [row] = await db.execute(
      query`insert into note values ('words', ${query.param(words)}::text[]) returning words`,
    );
    expect(row).toEqual({ words });
  });

  it("finishes requested work when it ends and rejects later statements", async () => {
    const pool = connectToDatabase(database.appUrl, { max: 1 });
    const requested = [1, 2, 3].map((n) => pool.execute(`select ${n} as n, pg_sleep(0.02)`));
    const outcome = Promise.all(requested);
    await wait(5);
    const ended = pool.$client.end({ timeout: 5 });
    await expect(pool.execute("select 1")).rejects.toMatchObject({
      cause: { message: "The pool of database connections has ended." },
    });
    expect((await outcome).map(([row]) => row?.n)).toEqual([1, 2, 3]);
    await ended;
  });

  it("ends after its timeout even if statements are still running", async () => {
    const pool = connectToDatabase(database.appUrl, { max: 1 });
    const requested = [1, 2].map(() => pool.execute("select pg_sleep(60)"));
    const outcomes = Promise.allSettled(requested);
    await wait(50);
    await pool.$client.end({ timeout: 0.1 });
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
