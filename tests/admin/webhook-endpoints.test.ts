import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { revokeSiteService } from "@/admin/api-services";
import { findAudit } from "@/admin/audit";
import { listOutbox, outboxQuery, resendOutbox } from "@/admin/outbox";
import {
  createSiteEndpoint,
  deleteSiteEndpoint,
  replayEndpoint,
  rotateEndpointSecret,
  switchEndpoint,
} from "@/admin/webhook-endpoints";
import { outbox } from "@/db/schema";
import { readHealth } from "@/jobs/health";
import { createService } from "@/public-api/services";
import { listEndpoints } from "@/webhooks/endpoints";
import { recordEvents } from "@/webhooks/events";
import { createTestDatabase, type TestDatabase } from "../support/database";

const NOW = new Date("2026-05-10T12:00:00Z");
const settings = { secret: "a secret of at least 32 characters", allowLoopback: false };
const form = () => ({ id: randomUUID(), actorId: "boss", now: NOW });
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

const newService = () =>
  test.db.transaction((tx) =>
    createService(tx, {
      ownerId: null,
      service: { name: "worker", scopes: ["read"], expiresInDays: null, cap: null },
      now: NOW,
    }),
  );

/** Adds an endpoint and returns its id with its service and secret. */
async function newEndpoint() {
  const serviceId = await newService();
  const url = `https://${randomUUID()}.example/`;
  const input = { ...form(), serviceId, url, events: ["balance.depleted" as const] };
  const secret = await createSiteEndpoint(test.db, input, settings);
  const endpoint = (await listEndpoints(test.db)).find((listed) => listed.url === url);
  if (endpoint === undefined) throw new Error("The endpoint was not created.");
  return { serviceId, endpointId: endpoint.id, secret, input };
}

const find = async (id: string) => (await listEndpoints(test.db)).find((one) => one.id === id);

const record = (key: string) =>
  test.db.transaction((tx) =>
    recordEvents(
      tx,
      [
        {
          type: "balance.depleted",
          data: { user: "mei", available: 0 },
          key,
          userId: "mei",
          serviceId: null,
          at: NOW,
        },
      ],
      NOW,
    ),
  );

const deliveries = async (endpointId: string) =>
  (await listOutbox(test.db, outboxQuery.parse({ q: endpointId }))).rows;

describe("createSiteEndpoint", () => {
  it("returns the secret once and audits the endpoint without it", async () => {
    const { secret, input, endpointId } = await newEndpoint();
    expect(secret).toMatch(/^whsec_/);
    expect(await createSiteEndpoint(test.db, input, settings)).toBeNull();
    const entry = await findAudit(test.db, input.id);
    expect(entry).toMatchObject({
      action: "endpoint.create",
      after: { endpointId, url: input.url, events: "balance.depleted" },
    });
    expect(JSON.stringify(entry)).not.toContain(secret);
  });

  it("adds nothing for an address of an internal network", async () => {
    const serviceId = await newService();
    const input = { ...form(), serviceId, url: "https://169.254.169.254/", events: [] };
    await expect(createSiteEndpoint(test.db, input, settings)).rejects.toThrow("not public");
    expect(await findAudit(test.db, input.id)).toBeUndefined();
  });
});

describe("rotateEndpointSecret", () => {
  it("returns another secret, once for each form", async () => {
    const { endpointId, secret } = await newEndpoint();
    const input = { ...form(), endpointId };
    const rotated = await rotateEndpointSecret(test.db, input, settings);
    expect(rotated).toMatch(/^whsec_/);
    expect(rotated).not.toBe(secret);
    expect(await rotateEndpointSecret(test.db, input, settings)).toBeNull();
  });
});

describe("a delivery", () => {
  it("is listed by its endpoint, and can be sent again one by one or with all that failed", async () => {
    const { endpointId } = await newEndpoint();
    for (const key of ["a", "b", "c"]) await record(`${endpointId}:${key}`);
    const [first, second] = await deliveries(endpointId);
    if (first === undefined || second === undefined) throw new Error("Nothing was recorded.");
    expect(first).toMatchObject({ kind: "webhook", what: "balance.depleted", canResend: true });
    await test.db.update(outbox).set({ status: "done" }).where(eq(outbox.id, first.id));
    await resendOutbox(test.db, { ...form(), outboxId: first.id });
    await switchEndpoint(test.db, { ...form(), endpointId, isEnabled: false });
    expect(await find(endpointId)).toMatchObject({ disabledBy: "admin", failed: 3 });
    expect((await deliveries(endpointId))[0]).toMatchObject({
      status: "dead",
      endpoint: "off",
      canResend: false,
    });
    const resend = resendOutbox(test.db, { ...form(), outboxId: second.id });
    await expect(resend).rejects.toThrow("off");

    await switchEndpoint(test.db, { ...form(), endpointId, isEnabled: true });
    await replayEndpoint(test.db, { ...form(), endpointId });
    expect((await deliveries(endpointId)).map(({ status }) => status)).toEqual([
      "pending",
      "pending",
      "pending",
    ]);
  });

  it("does not affect the site's health when it fails", async () => {
    const { endpointId } = await newEndpoint();
    await record(`${endpointId}:a`);
    await switchEndpoint(test.db, { ...form(), endpointId, isEnabled: false });
    const { outbox: queue, problems } = await readHealth(test.db, {
      now: NOW,
      migrations: [],
      functionSet: null,
    });
    expect(queue.dead).toBe(0);
    expect(problems).not.toContain("dead_outbox");
  });
});

describe("deleteSiteEndpoint", () => {
  it("leaves its delivered events listed, without an offer to send them again", async () => {
    const { endpointId } = await newEndpoint();
    await record(`${endpointId}:a`);
    const [delivered] = await deliveries(endpointId);
    await test.db
      .update(outbox)
      .set({ status: "done" })
      .where(eq(outbox.id, delivered?.id ?? ""));
    expect(await deliveries(endpointId)).toMatchObject([{ endpoint: "on", canResend: true }]);
    await deleteSiteEndpoint(test.db, { ...form(), endpointId });
    expect(await deliveries(endpointId)).toMatchObject([
      { status: "done", endpoint: "deleted", canResend: false },
    ]);
  });

  it("closes its pending deliveries, as revoking the service does", async () => {
    const deleted = await newEndpoint();
    const revoked = await newEndpoint();
    await record("both");
    await deleteSiteEndpoint(test.db, { ...form(), endpointId: deleted.endpointId });
    await revokeSiteService(test.db, { ...form(), serviceId: revoked.serviceId });
    for (const { endpointId } of [deleted, revoked]) {
      expect(await find(endpointId)).toBeUndefined();
      expect(await deliveries(endpointId)).toMatchObject([{ status: "closed", canResend: false }]);
    }
  });
});
