import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { addDays } from "date-fns";
import { millisecondsInDay, secondsInDay } from "date-fns/constants";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SESSION_DAYS } from "@/auth/create-auth";
import { RESET_MINUTES } from "@/auth/emails";
import { SIGN_IN_EVENT_RETENTION_DAYS } from "@/auth/sign-in-events";
import { EVENT_RETENTION_DAYS } from "@/billing/inbox/trim-events";
import { freeCreditClaim, outbox, session, signInEvent, user, verification } from "@/db/schema";
import {
  deleteExpiredSessions,
  deleteExpiredVerifications,
  NETWORK_RETENTION_DAYS,
  OUTBOX_RETENTION_DAYS,
  pruneFreeCreditClaims,
  pruneSignInEvents,
  SIGNAL_RETENTION_DAYS,
  trimOutbox,
} from "@/jobs/retention";
import { setClockOffsetMs } from "@/lib/clock";
import { MAX_COUNTERS, MAX_WINDOW_SECONDS } from "@/rate-limit/rate-limit";
import { CLAIM_RETENTION_MONTHS } from "@/rewards/free-credits-rule";
import { createTestDatabase, type TestDatabase } from "../support/database";

const now = new Date("2026-11-01T00:00:00Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * millisecondsInDay);
const tick = () => ({ now, deadlineMs: performance.now() + 60_000 });

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await test.db.insert(user).values({ id: "mei", name: "Mei", email: "mei@example.com" });
});
afterAll(() => test.close());

describe("the retention table in docs/operations.md", () => {
  const [, section = ""] = readFileSync("docs/operations.md", "utf8").split("## Data retention");
  const rows = section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const named = rows.flatMap(([, tables = ""]) =>
    [...tables.matchAll(/`(\w+)`/g)].map(([, n]) => n),
  );
  const periodOf = (table: string) =>
    rows.find(([, tables]) => tables?.startsWith(`\`${table}\``))?.[2];

  it("names every table of the database", async () => {
    const tables = await test.ownerSql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'public'`;
    expect([...new Set(named)].sort()).toEqual(tables.map(({ name }) => name).sort());
  });

  it("states the periods of the code", () => {
    expect(periodOf("session")).toContain(`${SESSION_DAYS} days`);
    expect(periodOf("verification")).toContain(`${RESET_MINUTES} minutes`);
    expect(periodOf("stripe_event")).toBe(`${EVENT_RETENTION_DAYS} days`);
    expect(periodOf("sign_in_event")).toContain(`${SIGN_IN_EVENT_RETENTION_DAYS} days`);
    expect(periodOf("credit_signal")).toContain(`${SIGNAL_RETENTION_DAYS} days`);
    expect(periodOf("outbox")).toBe(`${OUTBOX_RETENTION_DAYS} days`);
    expect(periodOf("free_credit_claim")).toBe(
      `${CLAIM_RETENTION_MONTHS} months after the account is deleted; the network for ${NETWORK_RETENTION_DAYS} days`,
    );
    const days = MAX_WINDOW_SECONDS / secondsInDay;
    const counters = MAX_COUNTERS.toLocaleString("en");
    expect(periodOf("rate_limit")).toBe(`${days} day, at most ${counters} counters`);
  });
});

describe("pruneSignInEvents", () => {
  it("deletes what is older than a year", async () => {
    const event = (days: number) => ({
      id: randomUUID(),
      userId: "mei",
      kind: "password",
      at: daysAgo(days),
    });
    const events = [event(366), event(364)];
    await test.db.insert(signInEvent).values(events);
    expect(await pruneSignInEvents(test.db, { ...tick(), deadlineMs: 0 })).toBe(false);
    expect(await pruneSignInEvents(test.db, tick())).toBe(true);
    const left = await test.db.select({ id: signInEvent.id }).from(signInEvent);
    expect(left).toEqual([{ id: events[1]?.id }]);
  });
});

describe("deleteExpiredSessions", () => {
  it("deletes the sessions that have expired and no others", async () => {
    const values = [1, -1].map((days) => {
      const id = days > 0 ? "expired" : "live";
      return { id, token: id, userId: "mei", expiresAt: daysAgo(days) };
    });
    await test.db.insert(session).values(values);
    expect(await deleteExpiredSessions(test.db, { ...tick(), deadlineMs: 0 })).toBe(false);
    expect(await deleteExpiredSessions(test.db, tick())).toBe(true);
    expect(await test.db.select().from(session)).toMatchObject([{ id: "live" }]);
  });

  it("keeps a live session when the site's clock is ahead of the machine's", async () => {
    setClockOffsetMs(20 * millisecondsInDay);
    try {
      const ahead = { ...tick(), now: addDays(now, 20) };
      expect(await deleteExpiredSessions(test.db, ahead)).toBe(true);
    } finally {
      setClockOffsetMs(0);
    }
    expect(await test.db.select().from(session)).toMatchObject([{ id: "live" }]);
  });
});

describe("deleteExpiredVerifications", () => {
  it("deletes the tokens that have expired and no others", async () => {
    const values = [1, -1].map((days) => {
      const id = days > 0 ? "expired" : "live";
      return { id, identifier: id, value: "mei", expiresAt: daysAgo(days) };
    });
    await test.db.insert(verification).values(values);
    expect(await deleteExpiredVerifications(test.db, tick())).toBe(true);
    expect(await test.db.select().from(verification)).toMatchObject([{ id: "live" }]);
  });
});

describe("pruneFreeCreditClaims", () => {
  it("deletes claims 24 months after the deletion and networks after 90 days", async () => {
    const claim = (userId: string, values: Partial<typeof freeCreditClaim.$inferInsert>) => ({
      userId,
      personHash: "person",
      networkHash: "network",
      day: "2024-01-01",
      claimedAt: new Date("2024-01-01T00:00:00Z"),
      giftAt: new Date("2024-01-01T00:00:00Z"),
      monthsFromAt: new Date("2024-01-01T00:00:00Z"),
      verified: false,
      ...values,
    });
    await test.db
      .insert(freeCreditClaim)
      .values([
        claim("long-gone", { deletedAt: new Date("2024-10-31T23:59:59Z") }),
        claim("gone", { deletedAt: new Date("2024-11-01T00:00:01Z") }),
        claim("member", {}),
        claim("recent", { day: "2026-10-01" }),
      ]);
    expect(await pruneFreeCreditClaims(test.db, tick())).toBe(true);
    const rows = await test.db.select().from(freeCreditClaim).orderBy(freeCreditClaim.userId);
    expect(rows.map(({ userId, networkHash }) => [userId, networkHash])).toEqual([
      ["gone", null],
      ["member", null],
      ["recent", "network"],
    ]);
  });
});

describe("trimOutbox", () => {
  it("cuts old delivered and closed emails and alerts to their names", async () => {
    const email = { template: "low-balance", to: "mei@example.com", props: { name: "Mei" } };
    const alert = { channel: "webhook", subject: "Drift", facts: { user: "mei" } };
    const call = { do: "cancel-all", customerId: "cus_1" };
    const entries = [
      { key: "email", kind: "email", payload: email },
      { key: "alert", kind: "alert", payload: alert },
      { key: "call", kind: "stripe", payload: call },
    ] as const;
    const statuses = ["done", "closed", "dead", "pending"] as const;
    const values = [89, 91].flatMap((days) =>
      statuses.flatMap((status) =>
        entries.map(({ key, kind, payload }) => ({
          idempotencyKey: `${key} ${status} ${days}`,
          kind,
          payload,
          status,
          lastError: "mei@example.com bounced",
          createdAt: daysAgo(days),
          nextAttemptAt: daysAgo(days),
        })),
      ),
    );
    await test.db.insert(outbox).values(values);
    expect(await trimOutbox(test.db, tick())).toBe(true);
    const stored = await test.db.select().from(outbox);
    const changed = stored.filter(
      ({ idempotencyKey, payload }) =>
        JSON.stringify(payload).length <
        JSON.stringify(values.find((one) => one.idempotencyKey === idempotencyKey)?.payload).length,
    );
    expect(
      Object.fromEntries(
        changed.map(({ idempotencyKey, payload, lastError }) => [
          idempotencyKey,
          { payload, lastError },
        ]),
      ),
    ).toEqual({
      "email done 91": { payload: { template: "low-balance" }, lastError: null },
      "email closed 91": { payload: { template: "low-balance" }, lastError: null },
      "alert done 91": { payload: { channel: "webhook" }, lastError: null },
      "alert closed 91": { payload: { channel: "webhook" }, lastError: null },
    });
    expect(stored).toHaveLength(values.length);
  });
});
