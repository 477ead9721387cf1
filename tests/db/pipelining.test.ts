import { sql as query } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type Database, type Transaction } from "@/db/client";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { openHeldConnection } from "./held-connection";

let database: TestDatabase;
let connection: Awaited<ReturnType<typeof openHeldConnection>>;
/** One connection, so that its prepared statements are known. */
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.ownerSql.unsafe(`
    create table note (nth serial, id text primary key);
    create table figure (value integer);
    insert into figure values (7);
    grant all on note, figure to qiflow_app;
    grant usage on sequence note_nth_seq to qiflow_app;`);
});

afterAll(() => database.close());

beforeEach(async () => {
  connection = await openHeldConnection(database.directUrl);
  db = createDatabase(connection.url, { max: 1 });
  await db.execute("truncate note");
});

afterEach(async () => {
  connection.release();
  await db.$client.end({ timeout: 5 });
  await connection.close();
});

const write = (tx: Transaction, id: string) =>
  tx.execute(query`insert into note (id) values (${id})`);
const read = (tx: Transaction, plus: number) =>
  tx.execute<{ sum: number | string }>(
    query`select value || ${String(plus)} as sum, value from figure`,
  );

async function notes(): Promise<string[]> {
  const rows = await database.ownerSql<{ id: string }[]>`select id from note order by nth`;
  return rows.map((row) => row.id);
}

async function backend(): Promise<unknown> {
  const [row] = await db.execute("select pg_backend_pid() as pid");
  return row?.pid;
}

/** Prepares the statements on the connection. */
async function prepareStatements(): Promise<void> {
  await db.transaction(async (tx) => {
    await read(tx, 0);
    await write(tx, "prepared");
  });
  await database.ownerSql`delete from note`;
}

const untilSent = (text: string) =>
  expect.poll(() => connection.sent(), { timeout: 30_000 }).toContain(text);

describe("statements that are not awaited one by one", () => {
  it("are sent together and run in order", async () => {
    await prepareStatements();
    const all = db.transaction(async (tx) => {
      await write(tx, "first");
      connection.hold();
      await Promise.all(["a", "b", "c", "d"].map((id) => write(tx, id)));
    });
    for (const id of ["a", "b", "c", "d"]) await untilSent(`\u0001${id}`);
    connection.release();
    await all;
    expect(await notes()).toEqual(["first", "a", "b", "c", "d"]);
  });

  it("return all results, even of many or long statements", async () => {
    const ids = Array.from({ length: 40 }, (_, nth) => `${nth}`.repeat(nth % 5 === 0 ? 9000 : 1));
    await db.transaction(async (tx) => {
      await Promise.all(ids.map((id) => tx.execute(query`select ${id}::text`)));
      const rows = await Promise.all(ids.map((id) => tx.execute(query`select ${id}::text as id`)));
      expect(rows.map(([row]) => row?.id)).toEqual(ids);
    });
  });

  it("roll back and fail with the error when Postgres refuses one of them", async () => {
    await prepareStatements();
    const failing = db.transaction((tx) =>
      Promise.all(["a", "b", "a", "c"].map((id) => write(tx, id))),
    );
    await expect(failing).rejects.toMatchObject({ cause: { code: "23505" } });
    expect(await notes()).toEqual([]);
    await db.transaction((tx) => write(tx, "next"));
    expect(await notes()).toEqual(["next"]);
  });

  it.each([
    ["first", (tx: Transaction) => [read(tx, 1), write(tx, "a"), write(tx, "b")]],
    ["middle", (tx: Transaction) => [write(tx, "a"), read(tx, 1), write(tx, "b")]],
    ["last", (tx: Transaction) => [write(tx, "a"), write(tx, "b"), read(tx, 1)]],
  ])("roll back and close the connection when the %s one is outdated", async (_, statements) => {
    await database.ownerSql.unsafe("alter table figure alter value type integer using value::int");
    await prepareStatements();
    await database.ownerSql.unsafe("alter table figure alter value type text");
    const before = await backend();
    const failing = db.transaction((tx) => Promise.all(statements(tx)));
    await expect(failing).rejects.toThrow();
    expect(await backend()).not.toBe(before);
    expect(await notes()).toEqual([]);
    for (let nth = 0; nth < 5; nth += 1) {
      const [, rows] = await db.transaction((tx) =>
        Promise.all([write(tx, `next-${nth}`), read(tx, nth)]),
      );
      expect(rows).toMatchObject([{ sum: `7${nth}`, value: "7" }]);
    }
    expect(await notes()).toHaveLength(5);
  });
});
