import { asc } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";
import { ADMINS, type AlertServices, startAlertServices } from "./alert-services";

const now = new Date("2026-05-10T12:00:00Z");
const minutesAfter = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const SUBJECT = "The outbox is stuck";
let test: TestDatabase;
let services: AlertServices;
let alerts: typeof import("@/alerts/send-alert") & typeof import("@/alerts/deliver-alerts");

beforeAll(async () => {
  test = await createTestDatabase();
  services = await startAlertServices();
  stubEnvironment({ DATABASE_URL: test.appUrl, ...services.environment });
  alerts = {
    ...(await import("@/alerts/send-alert")),
    ...(await import("@/alerts/deliver-alerts")),
  };
});
beforeEach(async () => {
  services.clear();
  services.status = 200;
  await test.ownerSql`truncate outbox`;
});
afterAll(async () => {
  services.close();
  await test.close();
});

const send = () =>
  alerts.sendAlert(test.db, { key: "outbox", subject: SUBJECT, facts: { pending: 1 }, now });
const deliver = (at = now) =>
  alerts.deliverAlerts(test.db, { now: at, deadlineMs: performance.now() + 30_000 });
const entries = () => test.db.select().from(outbox).orderBy(asc(outbox.idempotencyKey));

describe("sendAlert", () => {
  it("enqueues one entry per channel and key", async () => {
    await send();
    await send();
    expect((await entries()).map((entry) => entry.idempotencyKey)).toEqual([
      ...ADMINS.map((_, index) => `alert:outbox:mail-${index + 1}`),
      "alert:outbox:sentry",
      "alert:outbox:webhook",
    ]);
  });

  it("notifies the webhook and Sentry directly when the outbox cannot be written", async () => {
    await test.ownerSql`alter table outbox rename to outbox_elsewhere`;
    await send();
    await test.ownerSql`alter table outbox_elsewhere rename to outbox`;
    expect(services.chat().map(({ body }) => JSON.parse(body))).toEqual([
      { text: SUBJECT, facts: { pending: 1 } },
    ]);
    expect(services.sentry()).toHaveLength(1);
    expect(await entries()).toEqual([]);
  });
});

describe("deliverAlerts", () => {
  it("sends each alert once through every channel", async () => {
    await send();
    expect(await deliver()).toEqual({ done: 4, failed: 0 });
    expect(services.chat()).toHaveLength(1);
    expect(services.sentry()).toHaveLength(1);
    expect(JSON.parse(services.chat()[0]?.body ?? "")).toEqual({
      text: SUBJECT,
      facts: { pending: 1 },
    });
    expect(await deliver()).toEqual({ done: 0, failed: 0 });
  });

  it("retries a channel that is down without delaying the others", async () => {
    await send();
    services.status = 500;
    await deliver();
    const pending = (await entries()).filter(({ status }) => status === "pending");
    expect(pending.map((entry) => entry.idempotencyKey)).toContain("alert:outbox:webhook");
    expect((await entries()).filter(({ status }) => status === "done").length).toBeGreaterThan(1);
    services.status = 200;
    services.clear();
    await deliver(minutesAfter(1));
    expect(services.chat()).toHaveLength(1);
    expect((await entries()).every(({ status }) => status === "done")).toBe(true);
  });
});
