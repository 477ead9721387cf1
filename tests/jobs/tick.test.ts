import { minutesInDay, minutesInHour } from "date-fns/constants";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { nightlyWork, outbox, stripeEvent } from "@/db/schema";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { reconciliation } from "@/ledger/schema";
import { FIRST_DUE, seedDueUsers } from "../ledger/distribution/due-users";
import { CRON_SECRET, createJobsFixture, minutesAfter } from "./jobs-fixture";

const NIGHTLY_TASKS = [
  "event backfill",
  "expired sessions",
  "expired verifications",
  "granted lots",
  "missing free credit claims",
  "missing schedules",
  "old events",
  "old free credit claims",
  "old outbox entries",
  "old sign-ins",
  "old sign-ins of admins",
  "old signals",
  "old withdrawals",
  "outstanding credits",
  "paid members",
  "reconcile",
  "roll-up check",
];
const fixture = createJobsFixture();

async function tick(at = FIRST_DUE, deadlineMs = performance.now() + 60_000) {
  fixture.setNow(at);
  const { runTick } = await import("@/jobs/tick");
  return runTick(fixture.database.db, { now: at, deadlineMs });
}

const emailStatus = async (key: string) => {
  const where = eq(outbox.idempotencyKey, `email:${key}`);
  return (await fixture.database.db.select().from(outbox).where(where))[0]?.status;
};
const insertEvent = (id: string) =>
  fixture.database.db.insert(stripeEvent).values({
    id,
    type: "checkout.session.completed",
    objectId: `cs_${id}`,
    livemode: false,
    createdAt: FIRST_DUE,
    apiVersion: "2026-10-28.endive",
    receivedAt: FIRST_DUE,
    nextAttemptAt: FIRST_DUE,
    payload: {
      id,
      object: "event",
      type: "checkout.session.completed",
      created: 1,
      livemode: false,
      api_version: "2026-10-28.endive",
      data: { object: { id: `cs_${id}` } },
    },
  });
const finishedNightlyTasks = async () => {
  const rows = await fixture.database.db.select().from(nightlyWork).where(sql`done_at is not null`);
  return rows.map((row) => row.name).sort();
};

describe("runTick", () => {
  it("runs all tasks", async () => {
    await fixture.enqueueEmail("due");
    expect(await tick()).toEqual({ failed: [] });
    expect(await emailStatus("due")).toBe("done");
    expect(await finishedNightlyTasks()).toEqual(NIGHTLY_TASKS);
    expect(await fixture.database.db.$count(reconciliation)).toBe(1);
  });

  it("continues after tasks that fail and returns their names", async () => {
    await fixture.enqueueEmail("due");
    await fixture.database.ownerSql`drop table expiry_reminder`;
    await fixture.database.ownerSql`drop function credits_repair_batch`;
    expect(await tick()).toEqual({ failed: ["reminders", "missing schedules"] });
    expect(await emailStatus("due")).toBe("done");
    expect(await finishedNightlyTasks()).toEqual(
      NIGHTLY_TASKS.filter((name) => name !== "missing schedules"),
    );
  });

  it("runs nightly tasks once a night and retries only those that failed", async () => {
    const { db } = fixture.database;
    await fixture.database
      .ownerSql`alter table outstanding_count rename to outstanding_count_elsewhere`;
    expect(await tick()).toEqual({ failed: ["outstanding credits"] });
    await fixture.database
      .ownerSql`alter table outstanding_count_elsewhere rename to outstanding_count`;
    expect(await tick(minutesAfter(5))).toEqual({ failed: [] });
    await Promise.all([1, 2, 3].map(() => tick(minutesAfter(10))));
    expect(await db.$count(reconciliation)).toBe(1);
    const { outstandingCount } = await import("@/ledger/reports/schema");
    expect(await db.$count(outstandingCount)).toBe(1);
    // The scheduler calls a minute earlier than the day before.
    await tick(minutesAfter(minutesInDay - 1));
    expect(await db.$count(reconciliation)).toBe(2);
    expect(await db.$count(outstandingCount)).toBe(2);
  });

  it("distributes what is due, and starts no run when nothing is", async () => {
    const { db } = fixture.database;
    await seedDueUsers(fixture.database, { count: 3 });
    await tick();
    const runs = await db.select().from(distributionRun);
    expect(runs).toMatchObject([{ status: "done", processedCount: 3 }]);
    await tick(minutesAfter(5));
    expect(await db.$count(distributionRun)).toBe(1);
    await tick(minutesAfter(26 * minutesInHour));
    expect(await db.$count(distributionRun)).toBe(2);
  });

  it("leaves a user whose allotment fails to the daily run", async () => {
    const { db, ownerSql } = fixture.database;
    await seedDueUsers(fixture.database, { count: 1 });
    await ownerSql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'refused'; end $$;
      create trigger refuse before insert on credit_transaction
      for each row execute function refuse()`);
    await tick();
    await tick(minutesAfter(5));
    expect(await db.select().from(distributionRun)).toMatchObject([{ errorCount: 1 }]);
  });

  it("finishes an unfinished distribution", async () => {
    await seedDueUsers(fixture.database, { count: 20 });
    await distributeCredits(fixture.database.db, { now: FIRST_DUE, deadlineMs: 0 });
    await tick(minutesAfter(5));
    const runs = await fixture.database.db.select().from(distributionRun);
    expect(runs).toMatchObject([{ status: "done", processedCount: 20 }]);
  });

  it("starts no task after its deadline but still alerts about stuck work", async () => {
    await fixture.enqueueEmail("stuck", minutesAfter(-90));
    expect(await tick(FIRST_DUE, performance.now())).toEqual({ failed: [] });
    expect(await emailStatus("stuck")).toBe("pending");
    expect(await finishedNightlyTasks()).toEqual([]);
    expect(fixture.chatMessages().map(({ text }) => text)).toEqual([
      "The outbox has been stuck for more than an hour",
    ]);
  });

  it("raises no alert about entries that it has delivered", async () => {
    await fixture.enqueueEmail("was stuck", minutesAfter(-90));
    await tick();
    expect(await emailStatus("was stuck")).toBe("done");
    expect(fixture.services.chat()).toEqual([]);
  });

  it("tries each queue once when Stripe is unavailable, and runs the other tasks", async () => {
    fixture.configure("http://127.0.0.1:9");
    for (const id of ["evt_1", "evt_2", "evt_3"]) await insertEvent(id);
    await fixture.enqueueEmail("due");
    const { failed } = await tick();
    expect(failed).toEqual(["event backfill"]);
    const events = await fixture.database.db.select().from(stripeEvent);
    // The queues run twice, and each time the first event ends the drain.
    expect(events.map(({ attempts }) => attempts).sort()).toEqual([0, 1, 1]);
    expect(await emailStatus("due")).toBe("done");
    expect(await fixture.database.db.$count(reconciliation)).toBe(1);
  });
});

describe("runTasks", () => {
  it("gives each task the time at which it starts", async () => {
    const startedAt: number[] = [];
    const task = async (_db: unknown, { now }: { now: Date }) => {
      startedAt.push(now.getTime());
      await new Promise((resolve) => setTimeout(resolve, 60));
    };
    const { runTasks } = await import("@/jobs/tick");
    const tick = { now: FIRST_DUE, deadlineMs: performance.now() + 60_000 };
    await runTasks(fixture.database.db, tick, [
      { name: "first", run: task },
      { name: "second", run: task },
    ]);
    const [first = 0, second = 0] = startedAt;
    expect(first).toBeGreaterThanOrEqual(FIRST_DUE.getTime());
    expect(second - first).toBeGreaterThanOrEqual(59);
  });
});

describe("GET /api/jobs/tick", () => {
  const get = async (authorization: string | null) => {
    const { GET } = await import("@/app/api/jobs/tick/route");
    const headers = authorization === null ? {} : { authorization };
    return GET(new Request("http://localhost:3000/api/jobs/tick", { headers }));
  };

  it.each([
    ["a bearer secret", `Bearer ${CRON_SECRET}`],
    ["Basic credentials", `Basic ${btoa("scheduler:a password")}`],
  ])("accepts a scheduler with %s", async (_what, authorization) => {
    await fixture.enqueueEmail("due");
    const response = await get(authorization);
    expect([response.status, await response.json()]).toEqual([200, { failed: [] }]);
    expect(await emailStatus("due")).toBe("done");
  });

  it.each([[null], ["Bearer another-secret"], [`Basic ${btoa("scheduler:another")}`]])(
    "returns 401 for %s and does nothing",
    async (authorization) => {
      await fixture.enqueueEmail("due");
      expect((await get(authorization)).status).toBe(401);
      expect(await emailStatus("due")).toBe("pending");
    },
  );

  it("returns 500 with the names of the tasks that failed", async () => {
    await fixture.database.ownerSql`drop table expiry_reminder`;
    const response = await get(`Bearer ${CRON_SECRET}`);
    expect([response.status, await response.json()]).toEqual([500, { failed: ["reminders"] }]);
  });
});
