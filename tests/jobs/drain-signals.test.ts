import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { notification, outbox } from "@/db/schema";
import { spendCredits } from "@/ledger/debit";
import { setSpendLimit } from "@/ledger/limits";
import { createService } from "@/public-api/services";
import { createUser, grantLot, NOW } from "../notifications/notification-fixture";
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

function spend(userId: string, amount: number, serviceId?: string): Promise<unknown> {
  const key = crypto.randomUUID();
  const by = serviceId === undefined ? {} : { serviceId };
  const write = { userId, key, amount, source: "test", now: NOW, ...by };
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
    const alerts = await database.db.select().from(outbox);
    expect(alerts).toMatchObject([{ kind: "alert", payload: { to: "ops@example.com" } }]);
    expect(JSON.stringify(alerts[0]?.payload)).toContain(ofSite);
  });
});
