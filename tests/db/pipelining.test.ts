import { sql as query } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type Database, type Transaction } from "@/db/client";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { openHeldLine } from "./held-line";

let database: TestDatabase;
let line: Awaited<ReturnType<typeof openHeldLine>>;
/** Of one connection, so that what it knows is known. */
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
  line = await openHeldLine(database.appUrl);
  db = createDatabase(line.url, { max: 1 });
  await db.execute("truncate note");
});

afterEach(async () => {
  line.release();
  await db.$client.end({ timeout: 5 });
  await line.close();
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

/** What a new connection has to ask Postgres about is asked. */
async function learn(): Promise<void> {
  await db.transaction(async (tx) => {
    await read(tx, 0);
    await write(tx, "learnt");
  });
  await database.ownerSql`delete from note`;
}

const untilSent = (text: string) =>
  expect.poll(() => line.sent(), { timeout: 30_000 }).toContain(text);

describe("statements that nobody waits for", () => {
  test("travel together and run in the order in which they were asked", async () => {
    await learn();
    const all = db.transaction(async (tx) => {
      await write(tx, "first");
      line.hold();
      await Promise.all(["a", "b", "c", "d"].map((id) => write(tx, id)));
    });
    for (const id of ["a", "b", "c", "d"]) await untilSent(`\u0001${id}`);
    line.release();
    await all;
    expect(await notes()).toEqual(["first", "a", "b", "c", "d"]);
  });

  test("are all answered, many and long ones too", async () => {
    const ids = Array.from({ length: 40 }, (_, nth) => `${nth}`.repeat(nth % 5 === 0 ? 9000 : 1));
    await db.transaction(async (tx) => {
      await Promise.all(ids.map((id) => tx.execute(query`select ${id}::text`)));
      const rows = await Promise.all(ids.map((id) => tx.execute(query`select ${id}::text as id`)));
      expect(rows.map(([row]) => row?.id)).toEqual(ids);
    });
  });

  test("keep nothing when one of them is refused, and fail with its error", async () => {
    await learn();
    const failing = db.transaction((tx) =>
      Promise.all(["a", "b", "a", "c"].map((id) => write(tx, id))),
    );
    await expect(failing).rejects.toMatchObject({ cause: { code: "23505" } });
    expect(await notes()).toEqual([]);
    await db.transaction((tx) => write(tx, "next"));
    expect(await notes()).toEqual(["next"]);
  });

  test.each([
    ["first", (tx: Transaction) => [read(tx, 1), write(tx, "a"), write(tx, "b")]],
    ["between", (tx: Transaction) => [write(tx, "a"), read(tx, 1), write(tx, "b")]],
    ["last", (tx: Transaction) => [write(tx, "a"), write(tx, "b"), read(tx, 1)]],
  ])("keep nothing when the %s is outdated, which ends the connection", async (_, statements) => {
    await database.ownerSql.unsafe("alter table figure alter value type integer using value::int");
    await learn();
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
