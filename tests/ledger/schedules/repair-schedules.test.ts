import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { user } from "@/db/schema";
import { repairSchedules } from "@/ledger/schedules";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { at, DistributionFixture } from "../distribution/distribution-fixture";
import { expectBulkBooksBalanced } from "../distribution/due-users";

let test: TestDatabase;
let fixture: DistributionFixture;

beforeAll(async () => {
  test = await createTestDatabase();
  fixture = new DistributionFixture(test.db);
});
afterAll(async () => {
  await expectBulkBooksBalanced(test.sql);
  await test.close();
});

const repair = (day: string) =>
  repairSchedules(test.db, {
    openAccount: (userId) => fixture.signUp(userId, day),
    deadlineMs: performance.now() + 60_000,
  });

async function addUser(id: string, { deletedAt = null }: { deletedAt?: Date | null } = {}) {
  await test.db.insert(user).values({ id, name: id, email: `${id}@qiflow.example`, deletedAt });
}

async function loseSchedule(userId: string): Promise<void> {
  await test.ownerSql`delete from credit_schedule where user_id = ${userId} and id = 'signup'`;
}

const termsOf = (userId: string) =>
  test.ownerSql`select kind, credits, grace, anchor_at from credit_schedule where user_id = ${userId}`;

describe("repairSchedules", () => {
  it("grants the sign-up credits to a user whose sign-up was interrupted", async () => {
    await addUser("interrupted");
    expect(await repair("2026-01-20")).toEqual({ repairedCount: 1, failedUsers: [], done: true });
    expect(await fixture.schedules("interrupted")).toEqual(["signup n=1 due 2026-02-20"]);
    expect(await fixture.lots("interrupted")).toEqual([
      "signup 70 until 2026-02-19",
      "signup 50 until 2026-02-22",
    ]);
  });

  it("grants them to a user who has already bought something", async () => {
    await addUser("buyer");
    await fixture.buyLifetime("buyer", "cs_1", "2026-01-20");
    expect(await repair("2026-01-21")).toMatchObject({ repairedCount: 1 });
    expect(await fixture.schedules("buyer")).toEqual([
      "checkout:cs_1 n=1 due 2026-02-20",
      "signup n=1 due 2026-02-21",
    ]);
  });

  it("continues after the last granted month, from the same anchor", async () => {
    await addUser("lost");
    await fixture.signUp("lost", "2026-01-31");
    await fixture.run("2026-02-28");
    const lost = await termsOf("lost");
    await loseSchedule("lost");
    expect(await repair("2026-03-01")).toMatchObject({ repairedCount: 1, failedUsers: [] });
    expect(await fixture.schedules("lost")).toEqual(["signup n=2 due 2026-03-31"]);
    expect(await termsOf("lost")).toEqual(lost);
    await fixture.run("2026-03-31");
    expect(await fixture.lots("lost", "2026-02-01")).toEqual([
      "signup 50 until 2026-04-02",
      "signup 50 until 2026-05-02",
    ]);
  });

  it("grants the current month but not the missed ones", async () => {
    await addUser("long-lost");
    await fixture.signUp("long-lost", "2026-01-31");
    await loseSchedule("long-lost");
    await repair("2026-06-10");
    await fixture.run("2026-06-10");
    expect(await fixture.schedules("long-lost")).toEqual(["signup n=5 due 2026-06-30"]);
    expect(await fixture.lots("long-lost", "2026-02-01")).toEqual(["signup 50 until 2026-07-02"]);
  });

  it("skips users with a schedule and deleted accounts", async () => {
    await addUser("gone", { deletedAt: at("2026-06-01") });
    await addUser("well");
    await fixture.signUp("well", "2026-06-01");
    const before = await fixture.lots("well");
    expect(await repair("2026-07-01")).toEqual({ repairedCount: 0, failedUsers: [], done: true });
    expect(await fixture.schedules("gone")).toEqual([]);
    expect(await fixture.schedules("well")).toEqual(["signup n=1 due 2026-07-01"]);
    expect(await fixture.lots("well")).toEqual(before);
  });

  it("repairs the others when one user fails", async () => {
    for (const id of ["a-poison", "b-sound"]) await addUser(id);
    await test.ownerSql`alter table credit_lot
      add constraint poisoned check (user_id <> 'a-poison') not valid`;
    expect(await repair("2026-07-02")).toEqual({
      repairedCount: 1,
      failedUsers: ["a-poison"],
      done: true,
    });
    expect(await fixture.schedules("b-sound")).toHaveLength(1);
    await test.ownerSql`alter table credit_lot drop constraint poisoned`;
    expect(await repair("2026-07-02")).toMatchObject({ repairedCount: 1, failedUsers: [] });
  });

  it("finds users across batches in concurrent repairs", async () => {
    await test.ownerSql`
      insert into "user" (id, name, email)
      select 'many-' || n, 'Many', 'many-' || n || '@qiflow.example' from generate_series(1, 5100) n`;
    await test.ownerSql`
      insert into credit_account (user_id, as_of, opened_at)
      select id, '2026-07-02', '2026-07-02' from "user" where id like 'many-%' and id <> 'many-77'`;
    await test.ownerSql`
      insert into credit_schedule (user_id, id, kind, credits, anchor_at, next_n, next_due_at)
      select id, 'signup', 'free', 50, '2026-07-02', 1, '2026-08-02'
      from "user" where id like 'many-%' and id not in ('many-77', 'many-5099')`;
    const repairs = await Promise.all([repair("2026-07-03"), repair("2026-07-03")]);
    expect(repairs.map(({ done }) => done)).toEqual([true, true]);
    expect(await fixture.lots("many-77")).toHaveLength(2);
    expect(await fixture.schedules("many-5099")).toHaveLength(1);
  });
});
