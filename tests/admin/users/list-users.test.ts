import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAGE_ROWS } from "@/admin/lists/keyset";
import { listUsers, usersQuery } from "@/admin/users/list-users";
import { spendCredits } from "@/ledger/debit";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makePayment, makeUser } from "../factories";

const createdAt = new Date("2026-03-01T08:00:00Z");
const later = new Date("2026-03-20T08:00:00Z");
const afterGift = new Date("2026-04-20T08:00:00Z");
let test: TestDatabase;

const find = (query: Record<string, string>, at = later) =>
  listUsers(test.db, { filter: usersQuery.parse(query), at });
const idsOf = async (query: Record<string, string>) =>
  (await find(query)).rows.map((row) => row.id);

beforeAll(async () => {
  test = await createTestDatabase();
  const minute = (n: number) => new Date(createdAt.getTime() + n * 60_000);
  await makeUser(test.db, {
    id: "ada",
    name: "Ada Lovelace",
    email: "ada@numbers.example",
    createdAt: minute(1),
    stripeCustomerId: "cus_ada",
  });
  await makeUser(test.db, { id: "li", name: "李清照", createdAt: minute(2), role: "admin" });
  await makeUser(test.db, { id: "per_cent", createdAt: minute(3), banned: true });
  await makeUser(test.db, { id: "percent", createdAt: minute(4), deletedAt: later });
  await makePayment(test.db, {
    userId: "ada",
    id: "invoice:in_1",
    paidAt: createdAt,
    memberFromAt: createdAt,
    memberUntilAt: new Date("2026-04-01T08:00:00Z"),
  });
  await test.db.transaction((tx) =>
    spendCredits(tx, { userId: "li", key: "x:spend", amount: 20, source: "x", now: later }),
  );
});
afterAll(() => test.close());

describe("listUsers", () => {
  it("returns the newest users first, with plan and balance as of the instant", async () => {
    const { rows } = await find({});
    expect(rows.map((row) => [row.id, row.plan, row.available])).toEqual([
      ["percent", "free", 120],
      ["per_cent", "free", 120],
      ["li", "free", 100],
      ["ada", "pro-monthly", 120],
    ]);
  });

  it("excludes expired credits that no job has booked yet", async () => {
    const { rows } = await find({ q: "ada" }, afterGift);
    expect(rows).toMatchObject([{ id: "ada", available: 0, plan: "free" }]);
  });

  it("finds users by part of an email or name and by a whole id or customer", async () => {
    expect(await idsOf({ q: "NUMBERS" })).toEqual(["ada"]);
    expect(await idsOf({ q: "lovel" })).toEqual(["ada"]);
    expect(await idsOf({ q: "清照" })).toEqual(["li"]);
    expect(await idsOf({ q: "cus_ada" })).toEqual(["ada"]);
    expect(await idsOf({ q: "nobody at all" })).toEqual([]);
  });

  it("matches % and _ literally", async () => {
    expect(await idsOf({ q: "per_" })).toEqual(["per_cent"]);
    expect(await idsOf({ q: "%" })).toEqual([]);
  });

  it("filters by role, state and membership", async () => {
    await test.ownerSql`update credit_account set frozen_at = now() where user_id = 'li'`;
    expect(await idsOf({ role: "admin" })).toEqual(["li"]);
    expect(await idsOf({ state: "banned" })).toEqual(["per_cent"]);
    expect(await idsOf({ state: "deleted" })).toEqual(["percent"]);
    expect(await idsOf({ state: "frozen" })).toEqual(["li"]);
    expect(await idsOf({ paid: "paid" })).toEqual(["ada"]);
    expect(await idsOf({ paid: "free" })).toEqual(["percent", "per_cent", "li"]);
  });

  it("ignores invalid query parameters", async () => {
    const query = {
      role: "emperor",
      older: "yesterday",
      newer: "2026-13-99_x",
      q: "x".repeat(300),
    };
    expect(await idsOf(query)).toEqual(await idsOf({}));
  });

  it("pages to the oldest user and back without gaps or repetitions", async () => {
    const total = 2 * PAGE_ROWS + 3;
    for (let n = 0; n < total; n++) {
      // Four users per instant, so that pages also split by id.
      const createdAt = new Date(later.getTime() + Math.floor(n / 4));
      await makeUser(test.db, { id: `crowd-${String(n).padStart(3, "0")}`, createdAt });
    }
    const pageThrough = async (direction: "older" | "newer", from: Record<string, string>) => {
      const seen: string[][] = [];
      for (let query: Record<string, string> | null = from; query !== null; ) {
        const page = await find({ q: "crowd", ...query });
        seen.push(page.rows.map((row) => row.id));
        const next: string | null = page[direction];
        query = next === null ? null : { [direction]: next };
        if (seen.length > 9) throw new Error("Paging does not end.");
      }
      return seen;
    };
    const down = await pageThrough("older", {});
    expect(down.map((page) => page.length)).toEqual([PAGE_ROWS, PAGE_ROWS, 3]);
    expect(new Set(down.flat()).size).toBe(total);
    const second = await find({ q: "crowd", older: (await find({ q: "crowd" })).older ?? "" });
    const third = await find({ q: "crowd", older: second.older ?? "" });
    expect(third.older).toBeNull();
    const up = await pageThrough("newer", { newer: third.newer ?? "" });
    expect(up).toEqual([down[1], down[0]]);
  });
});
