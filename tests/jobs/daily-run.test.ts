import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { nightlyWork, outbox } from "@/db/schema";
import { FIRST_DUE, seedDueUsers } from "../ledger/distribution/due-users";
import { poisonLots } from "../ledger/distribution/poison";
import { CRON_SECRET, createJobsFixture } from "./jobs-fixture";

const fixture = createJobsFixture();

describe("dailyRun", () => {
  it("sends the alerts of the distribution and of the watch once, after the tick", async () => {
    await seedDueUsers(fixture.database, { count: 9 });
    await seedDueUsers(fixture.database, { count: 1, prefix: "poison" });
    await poisonLots(fixture.database);
    const { dailyRun } = await import("@/jobs/daily-run");
    const deadlineMs = performance.now() + 60_000;
    const run = await dailyRun(fixture.database.db, { now: FIRST_DUE, deadlineMs });
    expect(run).toMatchObject({ status: "done", errorCount: 1 });
    expect(fixture.chatMessages().map(({ text }) => text)).toEqual([
      "Distribution failed for 1 of 10 users",
      "The distribution keeps failing for some users",
    ]);
  });
});

describe("GET /api/distribute-credits", () => {
  const get = async () => {
    const { GET } = await import("@/app/api/distribute-credits/route");
    const headers = { authorization: `Bearer ${CRON_SECRET}` };
    return GET(new Request("http://localhost:3000/api/distribute-credits", { headers }));
  };

  it("runs the tick, alerts once a day and returns 500 when the distribution fails", async () => {
    const { db, ownerSql } = fixture.database;
    await seedDueUsers(fixture.database, { count: 5 });
    await fixture.enqueueEmail("due");
    await ownerSql.unsafe(`create or replace function credits_distribute_broken()
      returns trigger language plpgsql as $$ begin raise exception 'no run today'; end $$`);
    await ownerSql`create trigger broken before insert on distribution_run
      for each row execute function credits_distribute_broken()`;
    expect((await get()).status).toBe(500);
    const [email] = await db.select().from(outbox).where(eq(outbox.idempotencyKey, "email:due"));
    expect(email?.status).toBe("done");
    expect(await db.$count(nightlyWork, sql`done_at is not null`)).toBe(17);
    expect(fixture.chatMessages()).toEqual([
      { text: "The daily distribution failed", facts: { error: "no run today" } },
    ]);
    await get();
    expect(fixture.services.chat()).toHaveLength(1);

    await ownerSql`drop trigger broken on distribution_run`;
    const response = await get();
    expect(await response.json()).toMatchObject({ done: true, processedCount: 5 });
  });
});
