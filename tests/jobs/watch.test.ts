import { millisecondsInHour } from "date-fns/constants";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { outbox, stripeEvent } from "@/db/schema";
import { reconciliation } from "@/ledger/schema";
import { makeUser } from "../admin/factories";
import { ADMINS, type AlertServices, startAlertServices } from "../alerts/alert-services";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";
import { makeHealthy } from "./healthy-site";

const now = new Date("2026-05-10T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * millisecondsInHour);
let test: TestDatabase;
let services: AlertServices;
let jobs: typeof import("@/jobs/watch") & typeof import("@/alerts/deliver-alerts");

beforeAll(async () => {
  test = await createTestDatabase();
  await makeUser(test.db, { id: "first", createdAt: hoursAgo(100) });
  services = await startAlertServices();
  stubEnvironment({ DATABASE_URL: test.appUrl, ...services.environment });
  jobs = { ...(await import("@/jobs/watch")), ...(await import("@/alerts/deliver-alerts")) };
});
beforeEach(async () => {
  services.clear();
  await makeHealthy(test, now);
});
afterAll(async () => {
  services.close();
  await test.close();
});

const watchAt = (at: Date) => jobs.watch(test.db, { now: at });
const insertStuckEmail = () =>
  test.db.insert(outbox).values({
    kind: "email",
    idempotencyKey: "stuck",
    payload: {},
    createdAt: hoursAgo(2),
    nextAttemptAt: hoursAgo(2),
  });
const alertKeys = async () => {
  const alerts = await test.db
    .select({ key: outbox.idempotencyKey })
    .from(outbox)
    .where(eq(outbox.kind, "alert"))
    .orderBy(asc(outbox.idempotencyKey));
  return alerts.map(({ key }) => key);
};

describe("watch", () => {
  it("raises no alert for a healthy site", async () => {
    expect(await watchAt(now)).toEqual([]);
    expect(await alertKeys()).toEqual([]);
  });

  it("raises a problem once a day on every channel, however many ticks run concurrently", async () => {
    await insertStuckEmail();
    const raised = await Promise.all([1, 2, 3].map(() => watchAt(now)));
    expect(raised.flat()).toEqual(["outbox_stuck"]);
    expect(await alertKeys()).toEqual([
      ...ADMINS.map((_, index) => `alert:outbox_stuck:2026-05-10:mail-${index + 1}`),
      "alert:outbox_stuck:2026-05-10:sentry",
      "alert:outbox_stuck:2026-05-10:webhook",
    ]);
    expect(await watchAt(new Date("2026-05-10T23:59:59Z"))).toEqual([]);
    expect(await watchAt(new Date("2026-05-11T00:00:00Z"))).toEqual(["outbox_stuck"]);
  });

  it("raises alerts with the figures of the site's health", async () => {
    await insertStuckEmail();
    await watchAt(now);
    await jobs.deliverAlerts(test.db, { now, deadlineMs: performance.now() + 30_000 });
    expect(services.chat().map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        text: "The outbox has been stuck for more than an hour",
        facts: { outboxWaiting: 1 },
      },
    ]);
  });

  it("claims a problem's day only if its alert is enqueued", async () => {
    await insertStuckEmail();
    await test.ownerSql`alter table outbox add constraint closed check (kind <> 'alert') not valid`;
    await expect(watchAt(now)).rejects.toThrow();
    await test.ownerSql`alter table outbox drop constraint closed`;
    expect(await watchAt(now)).toEqual(["outbox_stuck"]);
  });

  it("raises an alert for a missed daily run", async () => {
    await test.ownerSql`update distribution_run set started_at = ${hoursAgo(27)},
      finished_at = ${hoursAgo(27)}`;
    expect(await watchAt(now)).toEqual(["daily_run_missed"]);
  });

  it("repeats alerts for dead letters, drift and frozen accounts while they last", async () => {
    await test.db.insert(stripeEvent).values({
      id: "evt_dead",
      type: "x",
      livemode: false,
      payload: {},
      status: "dead",
      createdAt: now,
      receivedAt: now,
    });
    const drifted = { finishedAt: now, driftedUsers: ["first"], usersChecked: 9, alertedCount: 1 };
    await test.db.insert(reconciliation).values({ startedAt: hoursAgo(1), ...drifted });
    await test.ownerSql`update credit_account set frozen_at = ${now}`;
    const expected = ["books_drifted", "accounts_frozen", "dead_events"];
    expect(await watchAt(now)).toEqual(expected);
    await jobs.deliverAlerts(test.db, { now, deadlineMs: performance.now() + 30_000 });
    expect(await watchAt(new Date("2026-05-11T09:00:00Z"))).toEqual(expected);
  });

  it("raises the drift of an interrupted reconciliation once", async () => {
    const interrupted = { startedAt: hoursAgo(2), updatedAt: hoursAgo(2), usersChecked: 9 };
    await test.db.insert(reconciliation).values({ ...interrupted, driftedUsers: ["first"] });
    await watchAt(now);
    await watchAt(new Date("2026-05-11T09:00:00Z"));
    expect((await alertKeys()).filter((key) => key.includes("reconcile"))).toHaveLength(4);
  });

  it("leaves a running reconciliation alone", async () => {
    const running = { startedAt: hoursAgo(2), updatedAt: now, usersChecked: 9 };
    await test.db.insert(reconciliation).values({ ...running, driftedUsers: ["first"] });
    await watchAt(now);
    expect(await alertKeys()).toEqual([]);
  });

  // The last test of the file: its row is never deleted.
  it("raises an alert for capped captures, which are no problem", async () => {
    await test.ownerSql`insert into credit_unbilled
      (user_id, key, hold_key, overrun, requested, amount, reason, balance_after, at)
      values ('first', 'capped', 'h', 'cap', 9, 2, 'overrun_policy', 0, ${hoursAgo(1)})`;
    expect(await watchAt(now)).toEqual(["credits_capped"]);
    expect(await watchAt(now)).toEqual([]);
  });
});
