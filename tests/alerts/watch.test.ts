import { asc } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { outbox, stripeEvent } from "@/db/schema";
import { reconciliation } from "@/ledger/schema";
import { makeUser } from "../admin/people";
import { wellRun } from "../jobs/well-run";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";
import { ADMINS, type AlertServices, startAlertServices } from "./alert-services";

const now = new Date("2026-05-10T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
let test: TestDatabase;
let services: AlertServices;
let jobs: typeof import("@/alerts/watch") & typeof import("@/alerts/deliver-alerts");

beforeAll(async () => {
  test = await createTestDatabase();
  await makeUser(test.db, { id: "first", createdAt: hoursAgo(100) });
  services = await startAlertServices();
  stubEnvironment({ DATABASE_URL: test.appUrl, ...services.environment });
  jobs = { ...(await import("@/alerts/watch")), ...(await import("@/alerts/deliver-alerts")) };
});
beforeEach(async () => {
  services.forget();
  services.status = 200;
  await wellRun(test, now);
});
afterAll(async () => {
  services.close();
  await test.close();
});

const watchAt = (at: Date) => jobs.watch(test.db, { now: at });
const deliver = (at = now) =>
  jobs.deliverAlerts(test.db, { now: at, deadlineMs: performance.now() + 30_000 });
const stuckMail = () =>
  test.db.insert(outbox).values({
    ...{ kind: "email", idempotencyKey: "stuck", payload: {}, createdAt: hoursAgo(2) },
    nextAttemptAt: hoursAgo(2),
  });
const alerts = async () => {
  const rows = await test.db.select().from(outbox).orderBy(asc(outbox.idempotencyKey));
  return rows.filter(({ kind }) => kind === "alert");
};
const alertKeys = async () => (await alerts()).map((row) => row.idempotencyKey);

describe("the watch", () => {
  it("has nothing to tell when everything is done", async () => {
    expect(await watchAt(now)).toEqual([]);
    expect(await alertKeys()).toEqual([]);
  });

  it("tells a fact once a day, by however many ticks side by side, through every channel", async () => {
    await stuckMail();
    const told = await Promise.all([1, 2, 3].map(() => watchAt(now)));
    expect(told.flat()).toEqual(["outbox_stuck"]);
    expect(await alertKeys()).toEqual([
      ...ADMINS.map((admin) => `alert:outbox_stuck:2026-05-10:${admin}`),
      ...["alert:outbox_stuck:2026-05-10:sentry", "alert:outbox_stuck:2026-05-10:webhook"],
    ]);
    expect(await watchAt(new Date("2026-05-10T23:59:59Z"))).toEqual([]);
    expect(await watchAt(new Date("2026-05-11T00:00:00Z"))).toEqual(["outbox_stuck"]);
  });

  it("claims a day only together with its alert", async () => {
    await stuckMail();
    await test.ownerSql`alter table outbox add constraint closed check (kind <> 'alert') not valid`;
    await expect(watchAt(now)).rejects.toThrow();
    await test.ownerSql`alter table outbox drop constraint closed`;
    expect(await watchAt(now)).toEqual(["outbox_stuck"]);
  });

  it("tells of a daily run that was missed", async () => {
    await test.ownerSql`update distribution_run set started_at = ${hoursAgo(27)},
      finished_at = ${hoursAgo(27)}`;
    expect(await watchAt(now)).toEqual(["daily_run_missed"]);
  });

  it("reminds of dead letters, drift and frozen accounts as long as they last", async () => {
    await test.db.insert(stripeEvent).values({
      ...{ id: "evt_dead", type: "x", livemode: false, payload: {}, status: "dead" },
      ...{ createdAt: now, receivedAt: now },
    });
    const drifted = { finishedAt: now, driftedUsers: ["first"], usersChecked: 9, alertedCount: 1 };
    await test.db.insert(reconciliation).values({ startedAt: hoursAgo(1), ...drifted });
    await test.ownerSql`update credit_account set frozen_at = ${now}`;
    const expected = ["books_drifted", "accounts_frozen", "dead_events"];
    expect(await watchAt(now)).toEqual(expected);
    await deliver();
    expect(await watchAt(new Date("2026-05-11T09:00:00Z"))).toEqual(expected);
  });

  it("tells of drift that a reconciliation found and nobody told of, once", async () => {
    const cutOff = { startedAt: hoursAgo(2), updatedAt: hoursAgo(2), usersChecked: 9 };
    await test.db.insert(reconciliation).values({ ...cutOff, driftedUsers: ["first"] });
    await watchAt(now);
    await watchAt(new Date("2026-05-11T09:00:00Z"));
    expect((await alertKeys()).filter((key) => key.includes("reconcile"))).toHaveLength(4);
  });

  it("leaves to whoever is at it a reconciliation that goes on", async () => {
    const running = { startedAt: hoursAgo(2), updatedAt: now, usersChecked: 9 };
    await test.db.insert(reconciliation).values({ ...running, driftedUsers: ["first"] });
    await watchAt(now);
    expect(await alertKeys()).toEqual([]);
  });
});

describe("alerts", () => {
  it("go out before any other mail, and once", async () => {
    await stuckMail();
    await watchAt(now);
    expect(await deliver()).toEqual({ done: 4, failed: 0 });
    expect(services.chat()).toHaveLength(1);
    expect(services.sentry()).toHaveLength(1);
    expect(JSON.parse(services.chat()[0]?.body ?? "")).toMatchObject({
      text: "The outbox has been stuck for more than an hour",
      facts: { outboxWaiting: 1 },
    });
    expect(await deliver()).toEqual({ done: 0, failed: 0 });
  });

  it("through a channel that is down are tried again, and the other channels are told at once", async () => {
    await stuckMail();
    await watchAt(now);
    services.status = 500;
    await deliver();
    const waiting = (await alerts()).filter(({ status }) => status === "pending");
    expect(waiting.map((row) => row.idempotencyKey)).toContain(
      "alert:outbox_stuck:2026-05-10:webhook",
    );
    expect((await alerts()).filter(({ status }) => status === "done").length).toBeGreaterThan(1);
    services.status = 200;
    services.forget();
    await deliver(new Date(now.getTime() + 60_000));
    expect(services.chat()).toHaveLength(1);
    expect((await alerts()).every(({ status }) => status === "done")).toBe(true);
  });
});
