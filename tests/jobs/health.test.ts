import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { distributionRun, outbox, reconciliation, stripeEvent } from "@/db/schema";
import { readHealth } from "@/jobs/health";
import { watch } from "@/jobs/watch";
import journal from "../../drizzle/meta/_journal.json";
import { makeUser } from "../admin/people";
import { createTestDatabase, type TestDatabase } from "../support/database";

const now = new Date("2026-05-10T12:00:00Z");
const migrations = journal.entries;
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await makeUser(test.db, { id: "first", createdAt: hoursAgo(100) });
});
afterAll(() => test.close());

/** Everything as it should be: run and reconciled today, nothing waits, nothing was given up. */
beforeEach(async () => {
  await test.ownerSql`truncate distribution_run, reconciliation, stripe_event, outbox, alert_sent`;
  await ranAt(hoursAgo(3));
  await test.db.insert(reconciliation).values({ startedAt: hoursAgo(3), finishedAt: hoursAgo(3) });
});

const ranAt = (at: Date) =>
  test.db.insert(distributionRun).values({
    ...{ status: "done", asOf: at, startedAt: at, updatedAt: at, finishedAt: at },
  });
const event = (status: "pending" | "dead", receivedAt: Date) =>
  test.db.insert(stripeEvent).values({
    ...{ id: `evt_${status}`, type: "x", livemode: false, payload: {}, status, receivedAt },
    createdAt: receivedAt,
  });
const mail = (status: "pending" | "dead", createdAt: Date) =>
  test.db.insert(outbox).values({
    ...{ kind: "email", idempotencyKey: status, payload: {}, status, createdAt },
    nextAttemptAt: now,
  });
const problems = async () => (await readHealth(test.db, { now, migrations })).problems;

describe("the site's health", () => {
  it("has no problem when everything is done", async () => {
    expect(await readHealth(test.db, { now, migrations })).toEqual({
      ...{ checkedAt: now, problems: [], pendingMigrations: 0, driftedUsers: 0 },
      inbox: { pending: 0, oldestPendingAt: null, dead: 0 },
      outbox: { pending: 0, oldestPendingAt: null, dead: 0 },
      ...{ lastRunFinishedAt: hoursAgo(3), lastReconciledAt: hoursAgo(3) },
    });
  });

  it("knows of migrations that this build has and the database has not", async () => {
    const newer = { when: Math.max(...migrations.map(({ when }) => when)) + 1 };
    const health = await readHealth(test.db, { now, migrations: [...migrations, newer] });
    expect(health).toMatchObject({ pendingMigrations: 1, problems: ["migrations_pending"] });
  });

  it.each([
    ["no run finished for 26 hours", ["daily_run_missed"], 26.1],
    ["one finished in time", [], 25.9],
  ] as const)("tells when %s", async (_, expected, hours) => {
    await test.ownerSql`truncate distribution_run`;
    await ranAt(hoursAgo(hours));
    expect(await problems()).toEqual(expected);
  });

  it("counts from the first user on where nothing ever ran", async () => {
    await test.ownerSql`truncate distribution_run, reconciliation`;
    expect(await problems()).toEqual(["daily_run_missed", "books_not_reconciled"]);
  });

  it("does not take a run under way for one that finished", async () => {
    await test.ownerSql`update distribution_run set status = 'running', finished_at = null`;
    expect(await problems()).toEqual(["daily_run_missed"]);
  });

  it("goes by the last reconciliation for the drift", async () => {
    const drifted = { finishedAt: now, driftedUsers: ["a", "b"], usersChecked: 9 };
    await test.db.insert(reconciliation).values({ startedAt: hoursAgo(1), ...drifted });
    expect(await readHealth(test.db, { now, migrations })).toMatchObject({
      ...{ driftedUsers: 2, problems: ["books_drifted"] },
    });
  });

  it("lets an event or a mail wait an hour, not longer", async () => {
    await event("pending", hoursAgo(0.9));
    await mail("pending", hoursAgo(0.9));
    expect(await problems()).toEqual([]);
    await test.ownerSql`update stripe_event set received_at = ${hoursAgo(1.1)}`;
    await test.ownerSql`update outbox set created_at = ${hoursAgo(1.1)}`;
    expect(await problems()).toEqual(["inbox_stuck", "outbox_stuck"]);
  });

  it("counts what was given up", async () => {
    await event("dead", now);
    await mail("dead", now);
    expect(await readHealth(test.db, { now, migrations })).toMatchObject({
      ...{ inbox: { dead: 1 }, outbox: { dead: 1 }, problems: ["dead_events", "dead_outbox"] },
    });
  });
});

describe("the watch", () => {
  const watchAt = async (at: Date) => {
    const subjects: string[] = [];
    const alert = async (_: unknown, { subject }: { subject: string }) => {
      subjects.push(subject);
    };
    const alerted = await watch(test.db, { now: at, alert });
    expect(subjects).toHaveLength(alerted.length);
    return alerted;
  };

  it("has nothing to tell when everything is done", async () => {
    expect(await watchAt(now)).toEqual([]);
  });

  it("tells a fact once a day, by however many ticks side by side", async () => {
    await mail("pending", hoursAgo(2));
    const told = await Promise.all([1, 2, 3].map(() => watchAt(now)));
    expect(told.flat()).toEqual(["outbox_stuck"]);
    expect(await watchAt(new Date("2026-05-10T23:59:59Z"))).toEqual([]);
    expect(await watchAt(new Date("2026-05-11T00:00:00Z"))).toEqual(["outbox_stuck"]);
  });

  it("tells of a daily run that was missed", async () => {
    await test.ownerSql`truncate distribution_run`;
    await ranAt(hoursAgo(27));
    expect(await watchAt(now)).toEqual(["daily_run_missed"]);
  });

  it("leaves to billing and the reconcile what they tell themselves", async () => {
    await event("dead", now);
    const drifted = { finishedAt: now, driftedUsers: ["a"], usersChecked: 9 };
    await test.db.insert(reconciliation).values({ startedAt: hoursAgo(1), ...drifted });
    expect(await watchAt(now)).toEqual([]);
  });
});
