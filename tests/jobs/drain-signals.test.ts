import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { notification, outbox, webhookEndpoint } from "@/db/schema";
import { refundSpend, spendCredits } from "@/ledger/debit";
import { holdCredits } from "@/ledger/hold";
import { setSpendLimit } from "@/ledger/limits";
import { createService } from "@/public-api/services";
import { createEndpoint } from "@/webhooks/endpoints";
import { EVENT_TYPES } from "@/webhooks/events";
import {
  createUser,
  daysAfter,
  grantLot,
  hoursAfter,
  NOW,
} from "../notifications/notification-fixture";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";

let database: TestDatabase;
let drainSignals: typeof import("@/jobs/drain-signals").drainSignals;

beforeAll(async () => {
  database = await createTestDatabase();
  stubEnvironment({ DATABASE_URL: database.appUrl, ADMIN_EMAILS: "ops@example.com" });
  vi.resetModules();
  ({ drainSignals } = await import("@/jobs/drain-signals"));
});
afterEach(async () => {
  await expectBooksBalanced(database.sql);
  await database.db.delete(notification);
  await database.db.delete(outbox);
  await database.db.delete(webhookEndpoint);
});
afterAll(() => database.close());

const drain = () => drainSignals(database.db, { now: NOW, deadlineMs: Infinity });

/** A user whose last spend has left 25 of 35 credits, with the signal of it. */
async function lowUser(): Promise<string> {
  const userId = await createUser(database);
  await grantLot(database, { userId, credits: 35, expiresAt: null });
  await spend(userId, 10);
  return userId;
}

function spend(
  userId: string,
  amount: number,
  serviceId?: string,
  { now = NOW } = {},
): ReturnType<typeof spendCredits> {
  const key = crypto.randomUUID();
  const by = serviceId === undefined ? {} : { serviceId };
  const write = { userId, key, amount, source: "test", now, ...by };
  return database.db.transaction((tx) => spendCredits(tx, write));
}

const notified = async () =>
  (await database.db.select({ userId: notification.userId }).from(notification))
    .map(({ userId }) => userId)
    .sort();

describe("drainSignals", () => {
  it("notifies each user once, however many drains run concurrently", async () => {
    const users: string[] = [];
    for (let nth = 0; nth < 70; nth += 1) users.push(await lowUser());
    const drains = await Promise.all([drain(), drain(), drain()]);
    expect(drains.reduce((sum, { handled }) => sum + handled, 0)).toBe(70);
    expect(await notified()).toEqual(users.sort());
    expect(await database.db.$count(outbox)).toBe(70);
    expect(await drain()).toEqual({ handled: 0, failed: 0 });
  });

  it("loses and repeats nothing when its transaction is killed", async () => {
    const userId = await lowUser();
    const drained = await database.ownerSql.begin(async (lock) => {
      await lock`select from "user" where id = ${userId} for update`;
      const draining = drain();
      await vi.waitFor(async () => {
        const killed = await database.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where wait_event_type = 'Lock' and datname = current_database()`;
        expect(killed).toHaveLength(1);
      });
      expect(await notified()).toEqual([]);
      expect(await database.sql`select from credit_signal`).toHaveLength(1);
      return { draining };
    });
    // The drain takes the signal again, on another connection.
    expect(await drained.draining).toEqual({ handled: 1, failed: 0 });
    expect(await notified()).toEqual([userId]);
    expect(await database.db.$count(outbox)).toBe(1);
  });

  it("isolates a signal that cannot be handled and keeps it", async () => {
    const poisoned = await lowUser();
    const others = [await lowUser(), await lowUser()];
    await database.ownerSql.unsafe(`
      create function refuse_poison() returns trigger language plpgsql as $$
      begin raise exception 'poison'; end $$;
      create trigger refuse_poison before insert on notification
      for each row when (new.user_id = '${poisoned}') execute function refuse_poison();`);
    expect(await drain()).toEqual({ handled: 2, failed: 1 });
    expect(await notified()).toEqual(others.sort());
    await database.ownerSql`drop trigger refuse_poison on notification`;
    expect(await drain()).toEqual({ handled: 1, failed: 0 });
    expect(await notified()).toContain(poisoned);
  });

  it("does nothing for a user who has deleted the account", async () => {
    const userId = await lowUser();
    await database.ownerSql`update "user" set deleted_at = now() where id = ${userId}`;
    expect(await drain()).toEqual({ handled: 1, failed: 0 });
    expect(await notified()).toEqual([]);
  });

  it("turns signals into events, and those of a hold or limit only for their service", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 100, expiresAt: null });
    const service = { name: "worker", scopes: ["spend" as const], expiresInDays: null, cap: null };
    const [own, other] = await database.db.transaction(async (tx) => {
      const ids = [];
      for (let nth = 0; nth < 2; nth += 1) {
        const serviceId = await createService(tx, { ownerId: null, service, now: NOW });
        const endpoint = { serviceId, url: "https://receiver.example/", events: [...EVENT_TYPES] };
        const settings = { secret: "a secret", allowLoopback: false };
        ids.push((await createEndpoint(tx, { ...endpoint, now: NOW }, settings)).id);
        if (nth === 0) {
          const key = `api:${serviceId}:job-1`;
          const hold = {
            userId,
            key,
            amount: 5,
            source: "job",
            serviceId,
            expiresAt: hoursAfter(1),
          };
          await setSpendLimit(tx, { subject: { serviceId }, window: "total", amount: 5 });
          await holdCredits(tx, { ...hold, now: NOW });
        }
      }
      return ids;
    });
    const later = hoursAfter(2);
    const write = { userId, key: "s", amount: 100, source: "test", now: later };
    await database.db.transaction((tx) => spendCredits(tx, write));
    await drain();
    const entries = await database.db.select().from(outbox).where(eq(outbox.kind, "webhook"));
    const received = (id: string | undefined) =>
      entries
        .filter(({ endpointId }) => endpointId === id)
        .map(({ payload }) => (payload as { facts: { type: string; data: object } }).facts)
        .map(({ type, data }) => [type, data])
        .sort();
    const crossings = [
      ["balance.depleted", { user: userId, available: 0 }],
      ["balance.low", { user: userId, available: 0, threshold: 30 }],
    ];
    const lapsedAt = hoursAfter(1).toISOString();
    const times = { held_at: NOW.toISOString(), lapsed_at: lapsedAt };
    const lapsed = { user: userId, key: "job-1", amount: 5, feature: null, ...times };
    const limit = { user: null, window: "total", limit: 5, used: 5, hard: true, resets_at: null };
    expect(received(other)).toEqual(crossings);
    expect(received(own)).toEqual([
      ...crossings,
      ["hold.lapsed", lapsed],
      ["limit.reached", limit],
    ]);
  });

  it("alerts the operators once in a window when a service of the site reaches its limit", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 1000, expiresAt: null });
    const service = { name: "worker", scopes: ["spend" as const], expiresInDays: null, cap: null };
    const [ofSite, ofUser] = await database.db.transaction(async (tx) => {
      const site = await createService(tx, { ownerId: null, service, now: NOW });
      const personal = await createService(tx, { ownerId: userId, service, now: NOW });
      for (const serviceId of [site, personal])
        await setSpendLimit(tx, { subject: { serviceId }, window: "day", amount: 20 });
      return [site, personal];
    });
    for (const serviceId of [ofSite, ofUser]) await spend(userId, 20, serviceId);
    await drain();
    const alerts = await database.db.select().from(outbox).where(eq(outbox.kind, "alert"));
    expect(alerts).toMatchObject([{ kind: "alert", payload: { to: "ops@example.com" } }]);
    expect(JSON.stringify(alerts[0]?.payload)).toContain(ofSite);
  });

  it("notifies the owner of a personal key once in each window of its cap, and again for another cap", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 1000, expiresAt: null });
    const service = { name: "Backup", scopes: ["spend" as const], expiresInDays: null };
    const serviceId = await database.db.transaction((tx) =>
      createService(tx, {
        ownerId: userId,
        service: { ...service, cap: { amount: 20, window: "day" } },
        now: NOW,
      }),
    );
    const changeCapTo = (amount: number) =>
      database.db.transaction((tx) =>
        setSpendLimit(tx, { subject: { serviceId }, window: "day", amount }),
      );
    const reached = async () => {
      await drain();
      const notices = await database.db.select().from(notification);
      const emails = await database.db.select().from(outbox).where(eq(outbox.userId, userId));
      expect(emails).toHaveLength(notices.length);
      // The owner typed the name, and may not own the address.
      expect(JSON.stringify(emails)).not.toContain("Backup");
      return notices
        .map(({ kind, facts }) => [kind, facts])
        .sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
    };
    const fact = (limit: number, days: number) => {
      const resetsAt = `${daysAfter(days).toISOString().slice(0, 10)}T00:00:00.000Z`;
      return ["key-limit", { name: "Backup", limit, resetsAt }];
    };
    await spend(userId, 19, serviceId);
    expect(await reached()).toEqual([]);
    const last = await spend(userId, 1, serviceId);
    expect(await reached()).toEqual([fact(20, 1)]);
    const refund = { userId, key: "back", spendSeq: last.seq, now: NOW };
    await database.db.transaction((tx) => refundSpend(tx, refund));
    await spend(userId, 1, serviceId);
    expect(await reached()).toEqual([fact(20, 1)]);
    await changeCapTo(25);
    await spend(userId, 5, serviceId);
    expect(await reached()).toEqual([fact(20, 1), fact(25, 1)]);
    await spend(userId, 25, serviceId, { now: daysAfter(1) });
    expect(await reached()).toEqual([fact(20, 1), fact(25, 1), fact(25, 2)]);
  });
});
