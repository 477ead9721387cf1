import { addDays, addHours } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiService, outbox, webhookEndpoint } from "@/db/schema";
import { createService } from "@/public-api/services";
import {
  DISABLE_AFTER_DAYS,
  deliverWebhooks,
  type WebhookDelivery,
} from "@/webhooks/deliver-webhooks";
import {
  createEndpoint,
  deleteEndpoint,
  deleteEndpointsOf,
  listEndpoints,
  replayFailed,
  rotateSecret,
  setEndpointEnabled,
} from "@/webhooks/endpoints";
import { EVENT_TYPES, type EventToRecord, recordEvents } from "@/webhooks/events";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { type Receiver, startReceiver } from "./receiver";

const NOW = new Date("2026-03-01T12:00:00Z");
const settings = { secret: "a secret of at least 32 characters", allowLoopback: true };
const alertChannels = { emails: ["ops@example.com"], webhook: false, sentry: false };

let database: TestDatabase;
let receiver: Receiver;
let serviceId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  receiver = await startReceiver();
  serviceId = await newService();
});
afterEach(async () => {
  await receiver.close();
  await database.db.delete(webhookEndpoint);
  await database.db.delete(outbox);
});
afterAll(() => database.close());

function newService(): Promise<string> {
  const service = { name: "worker", scopes: ["spend" as const], expiresInDays: null, cap: null };
  return database.db.transaction((tx) => createService(tx, { ownerId: null, service, now: NOW }));
}

async function newEndpoint({ of = serviceId, events = EVENT_TYPES } = {}): Promise<string> {
  const endpoint = { serviceId: of, url: receiver.url, events: [...events], now: NOW };
  const created = await database.db.transaction((tx) => createEndpoint(tx, endpoint, settings));
  receiver.secret = created.secret;
  return created.id;
}

function low(key: string, only: string | null = null): EventToRecord {
  const data = { user: "mei", available: 20, threshold: 30 };
  return { type: "balance.low", data, key, userId: "mei", serviceId: only, at: NOW };
}

const record = (...events: EventToRecord[]) =>
  database.db.transaction((tx) => recordEvents(tx, events, NOW));

const deliver = (now = NOW, options: Partial<WebhookDelivery> = {}) =>
  deliverWebhooks(database.db, {
    settings,
    alertChannels,
    now,
    deadlineMs: Number.POSITIVE_INFINITY,
    ...options,
  });

const entries = () => database.db.select().from(outbox).orderBy(outbox.createdAt, outbox.id);
const endpointRow = async (id: string) =>
  (await database.db.select().from(webhookEndpoint).where(eq(webhookEndpoint.id, id)))[0];

describe("recordEvents", () => {
  it("adds one delivery for each endpoint that receives the type", async () => {
    await newEndpoint();
    await newEndpoint({ events: ["payment.succeeded"] });
    await newEndpoint({ of: await newService() });
    await record(low("a"));
    expect(await entries()).toHaveLength(2);
  });

  it("gives a service's own events to no other service", async () => {
    const own = await newEndpoint();
    await newEndpoint({ of: await newService() });
    await record(low("a", serviceId));
    expect(await entries()).toMatchObject([{ endpointId: own, kind: "webhook", userId: "mei" }]);
  });

  it("records a repeated fact once, with the same id", async () => {
    await newEndpoint();
    await record(low("a"), low("b"));
    await record(low("a"));
    const ids = (await entries()).map(
      ({ payload }) => (payload as { facts: { id: string } }).facts.id,
    );
    expect(new Set(ids).size).toBe(2);
    expect(ids).toHaveLength(2);
  });

  it("adds nothing for an endpoint that is off, a revoked service or a rolled-back transaction", async () => {
    const off = await newEndpoint();
    await database.db.transaction((tx) =>
      setEndpointEnabled(tx, { id: off, isEnabled: false, now: NOW }),
    );
    const revoked = await newService();
    await newEndpoint({ of: revoked });
    await database.db.update(apiService).set({ revokedAt: NOW }).where(eq(apiService.id, revoked));
    await record(low("a"));
    const rolledBack = database.db.transaction(async (tx) => {
      await newEndpoint();
      await recordEvents(tx, [low("b")], NOW);
      throw new Error("undone");
    });
    await expect(rolledBack).rejects.toThrow("undone");
    expect(await entries()).toEqual([]);
  });
});

describe("deliverWebhooks", () => {
  it("posts signed events with ids that stay the same", async () => {
    await newEndpoint();
    await record(low("a"));
    expect(await deliver()).toEqual({ done: 1, failed: 0 });
    expect(receiver.events).toEqual([
      {
        id: expect.stringMatching(/^evt_[\w-]{24}$/),
        type: "balance.low",
        version: 1,
        timestamp: NOW.toISOString(),
        data: { user: "mei", available: 20, threshold: 30 },
      },
    ]);
    expect(await deliver()).toEqual({ done: 0, failed: 0 });
    expect(receiver.requests).toBe(1);
  });

  it("delivers each event once to concurrent workers", async () => {
    await newEndpoint();
    await record(...Array.from({ length: 30 }, (_, nth) => low(`k${nth}`)));
    await Promise.all([deliver(), deliver(), deliver()]);
    expect(receiver.requests).toBe(30);
    expect(new Set(receiver.events.map(({ id }) => id)).size).toBe(30);
  });

  it("delivers again under the same id after a worker was killed", async () => {
    await newEndpoint();
    await record(low("a"));
    // A worker claimed the entry, posted it and died before it marked it.
    const leasedUntil = addHours(NOW, 1);
    await database.db.update(outbox).set({ leasedUntil, nextAttemptAt: leasedUntil });
    expect(await deliver()).toEqual({ done: 0, failed: 0 });
    expect(await deliver(addHours(NOW, 2))).toEqual({ done: 1, failed: 0 });
  });

  it("retries a failed delivery with growing waits, then dead-letters it", async () => {
    const id = await newEndpoint();
    await record(low("a"), low("b"));
    receiver.status = 500;
    const waits: number[] = [];
    let now = NOW;
    for (;;) {
      // An endpoint that is down costs one attempt for each call.
      expect(await deliver(now)).toEqual({ done: 0, failed: 1 });
      const [first] = (await entries()).filter(({ attempts }) => attempts > waits.length);
      expect(first?.lastError).toBe("The endpoint responded with 500. body");
      if (first?.status !== "pending") break;
      waits.push(first.nextAttemptAt.getTime() - now.getTime());
      await database.db.delete(outbox).where(eq(outbox.attempts, 0));
      now = first.nextAttemptAt;
    }
    const minute = 60_000;
    expect(waits.map((ms) => ms / minute)).toEqual([1 / 12, 5, 30, 120, 300, 600, 840, 1200, 1440]);
    expect(await listEndpoints(database.db)).toMatchObject([{ id, failed: 1, disabledAt: null }]);

    receiver.status = 200;
    const queued = await database.db.transaction((tx) => replayFailed(tx, { id, now }));
    expect(queued).toBe(1);
    expect(await deliver(now)).toEqual({ done: 1, failed: 0 });
    expect((await endpointRow(id))?.failingSince).toBeNull();
  });

  it("turns an endpoint off after days of failures, alerts once, and replays what failed", async () => {
    const id = await newEndpoint();
    receiver.status = 503;
    await record(low("a"));
    await deliver();
    const later = addHours(addDays(NOW, DISABLE_AFTER_DAYS), 1);
    await record(low("b"), low("c"));
    await Promise.all([deliver(later), deliver(later)]);
    expect(await endpointRow(id)).toMatchObject({ disabledBy: "failures" });
    const alerts = (await entries()).filter(({ kind }) => kind === "alert");
    expect(alerts).toHaveLength(1);
    expect(JSON.stringify(alerts[0]?.payload)).toContain("ops@example.com");
    expect(JSON.stringify(alerts[0]?.payload)).toContain(id);
    const before = receiver.requests;
    expect(await deliver(addDays(later, 1))).toEqual({ done: 0, failed: 0 });
    expect(receiver.requests).toBe(before);

    const replay = () => database.db.transaction((tx) => replayFailed(tx, { id, now: later }));
    await expect(replay()).rejects.toThrow("off");
    await database.db.transaction((tx) =>
      setEndpointEnabled(tx, { id, isEnabled: true, now: later }),
    );
    receiver.status = 200;
    expect(await replay()).toBe(3);
    expect(await deliver(later)).toEqual({ done: 3, failed: 0 });
  });

  it("does not let an endpoint that is down delay another", async () => {
    const down = await startReceiver();
    down.status = 500;
    const target = { serviceId, url: down.url, events: [...EVENT_TYPES], now: NOW };
    await database.db.transaction((tx) => createEndpoint(tx, target, settings));
    await newEndpoint();
    await record(low("a"), low("b"), low("c"));
    expect(await deliver()).toEqual({ done: 3, failed: 1 });
    await down.close();
  });

  it("follows no redirect", async () => {
    await newEndpoint();
    await record(low("a"));
    receiver.status = 302;
    expect(await deliver()).toEqual({ done: 0, failed: 1 });
    expect((await entries())[0]?.lastError).toContain("responded with 302");
    expect(receiver.requests).toBe(1);
  });

  it("delivers nothing to this machine in production", async () => {
    await newEndpoint();
    await record(low("a"));
    const production = { settings: { ...settings, allowLoopback: false } };
    expect(await deliver(NOW, production)).toEqual({ done: 0, failed: 1 });
    expect(receiver.requests).toBe(0);
  });
});

describe("the signing secret", () => {
  it("is stored encrypted", async () => {
    const id = await newEndpoint();
    expect(receiver.secret).toMatch(/^whsec_/);
    expect((await endpointRow(id))?.secret).not.toContain(receiver.secret.slice(6));
  });

  it("works for a day after its rotation, beside the new one", async () => {
    const id = await newEndpoint();
    const old = receiver.secret;
    const rotated = await database.db.transaction((tx) =>
      rotateSecret(tx, { id, now: NOW }, settings),
    );
    await record(low("a"), low("b"));
    await deliver();
    expect(receiver.events).toHaveLength(2);
    receiver.secret = rotated;
    await record(low("c"));
    await deliver(addHours(NOW, 25));
    expect(receiver.events).toHaveLength(3);
    receiver.secret = old;
    await record(low("d"));
    expect(await deliver(addHours(NOW, 25))).toEqual({ done: 0, failed: 1 });
  });
});

describe("an endpoint", () => {
  it("is refused for a personal service, a revoked one and an address that is not public", async () => {
    const create = (endpoint: { serviceId: string; url: string }) =>
      database.db.transaction((tx) =>
        createEndpoint(tx, { events: ["balance.low"], now: NOW, ...endpoint }, settings),
      );
    const url = receiver.url;
    await database.ownerSql`insert into "user" (id, name, email) values ('mei', 'Mei', 'mei@example.com')
      on conflict do nothing`;
    const service = { name: "own", scopes: ["spend" as const], expiresInDays: null, cap: null };
    const personal = await database.db.transaction((tx) =>
      createService(tx, { ownerId: "mei", service, now: NOW }),
    );
    await expect(create({ serviceId: personal, url })).rejects.toThrow("No such service");
    await expect(create({ serviceId: "svc_AAAAAAAAAAAAAAAA", url })).rejects.toThrow(
      "No such service",
    );
    await expect(create({ serviceId, url: "https://10.0.0.1/" })).rejects.toThrow("not public");
    expect(await listEndpoints(database.db)).toEqual([]);
  });

  it("closes its deliveries when it is deleted, alone or with its service", async () => {
    const first = await newEndpoint();
    await record(low("a"));
    await database.db.transaction((tx) => deleteEndpoint(tx, { id: first }));
    expect(await entries()).toMatchObject([{ status: "closed" }]);
    await newEndpoint();
    await newEndpoint();
    await database.db.transaction((tx) => deleteEndpointsOf(tx, { serviceId }));
    expect(await listEndpoints(database.db)).toEqual([]);
    await record(low("b"));
    expect(await entries()).toHaveLength(1);
  });
});
