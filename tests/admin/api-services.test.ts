import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  changeSiteCap,
  createSiteService,
  readServiceUsage,
  revokeSiteService,
  rotateSiteKey,
} from "@/admin/api-services";
import { findAudit } from "@/admin/audit";
import { NotFound } from "@/lib/errors";
import { getBalance, postCapture, postHold, postRefund, postSpend } from "@/public-api/operations";
import { listServices } from "@/public-api/services";
import { call, createKey, createUser, issuerOf, NOW } from "../public-api/api-fixture";
import { createTestDatabase, type TestDatabase } from "../support/database";

let test: TestDatabase;
const form = () => ({ id: randomUUID(), actorId: "boss", now: NOW });
const worker = {
  name: "Worker",
  scopes: ["read", "spend", "refund"] as ("read" | "spend" | "refund")[],
  expiresInDays: null,
  cap: { amount: 500, window: "month" as const },
};

beforeAll(async () => {
  test = await createTestDatabase();
  await createUser(test.db, "mei");
});
afterAll(() => test.close());

/** Creates a service of the site and returns its id and key. */
async function createWorker(name: string) {
  const key = await createSiteService(test.db, issuerOf(test.db), { ...form(), ...worker, name });
  const services = await listServices(test.db, { ownerId: null, now: NOW });
  const serviceId = services.find((service) => service.name === name)?.id;
  if (key === null || serviceId === undefined) throw new Error("The service was not created.");
  return { key, serviceId };
}

const statusWith = async (key: string) =>
  (await call(test.db, getBalance, { key, query: { user: "mei" } })).status;

describe("createSiteService", () => {
  it("returns the key once and audits the service without its key", async () => {
    const input = { ...form(), ...worker, name: "Once" };
    const key = await createSiteService(test.db, issuerOf(test.db), input);
    expect(await statusWith(key ?? "")).toBe(200);
    expect(await createSiteService(test.db, issuerOf(test.db), input)).toBeNull();
    const services = await listServices(test.db, { ownerId: null, now: NOW });
    expect(services.filter(({ name }) => name === "Once")).toHaveLength(1);
    const entry = await findAudit(test.db, input.id);
    expect(entry).toMatchObject({
      action: "api-key.create",
      after: { name: "Once", scopes: "read spend refund", cap: "500 month" },
    });
    expect(JSON.stringify(entry)).not.toContain(key);
  });
});

describe("rotateSiteKey", () => {
  it("keeps the old key for the overlap and makes one new key for each form", async () => {
    const { key, serviceId } = await createWorker("Rotated");
    const input = { ...form(), serviceId, overlapHours: 24 as const, expiresInDays: null };
    const next = await rotateSiteKey(test.db, issuerOf(test.db), input);
    expect(next).not.toBe(key);
    expect(await statusWith(next ?? "")).toBe(200);
    expect(await statusWith(key)).toBe(200);
    expect(await rotateSiteKey(test.db, issuerOf(test.db), input)).toBeNull();
    const [service] = (await listServices(test.db, { ownerId: null, now: NOW })).filter(
      ({ id }) => id === serviceId,
    );
    expect(service?.keys).toHaveLength(2);
  });

  it("ends the old key immediately without an overlap", async () => {
    const { key, serviceId } = await createWorker("Leaked");
    const input = { ...form(), serviceId, overlapHours: 0 as const, expiresInDays: null };
    expect(await rotateSiteKey(test.db, issuerOf(test.db), input)).not.toBeNull();
    expect(await statusWith(key)).toBe(401);
  });

  it("does not rotate a user's own service", async () => {
    const { serviceId } = await createKey(test.db, { ownerId: "mei" });
    const input = { ...form(), serviceId, overlapHours: 0 as const, expiresInDays: null };
    await expect(rotateSiteKey(test.db, issuerOf(test.db), input)).rejects.toThrow(NotFound);
  });
});

describe("changeSiteCap", () => {
  it("replaces the cap, which then refuses spends, and audits it", async () => {
    const { key, serviceId } = await createWorker("Capped");
    const input = { ...form(), serviceId, cap: { amount: 5, window: "day" as const } };
    await changeSiteCap(test.db, input);
    const body = { user: "mei", amount: 6 };
    const refused = await call(test.db, postSpend, { key, idempotencyKey: "a", body });
    expect(refused).toMatchObject({ status: 402, json: { code: "spend_limit_exceeded" } });
    expect(await findAudit(test.db, input.id)).toMatchObject({ after: { cap: "5 day" } });
    await changeSiteCap(test.db, { ...form(), serviceId, cap: null });
    expect((await call(test.db, postSpend, { key, idempotencyKey: "a", body })).status).toBe(200);
  });
});

describe("revokeSiteService", () => {
  it("stops its keys and audits it; a second revocation finds nothing", async () => {
    const { key, serviceId } = await createWorker("Revoked");
    const input = { ...form(), serviceId };
    await revokeSiteService(test.db, input);
    expect(await statusWith(key)).toBe(401);
    expect(await findAudit(test.db, input.id)).toMatchObject({ action: "api-key.revoke" });
    await expect(revokeSiteService(test.db, { ...form(), serviceId })).rejects.toThrow(NotFound);
  });
});

describe("changeSiteCap", () => {
  it("changes the limit of requests as well, and leaves it unchanged if it is not named", async () => {
    const { serviceId } = await createWorker("Limited");
    const read = async () =>
      (await listServices(test.db, { ownerId: null, now: NOW })).find(({ id }) => id === serviceId)
        ?.requestsPerMinute;
    const change = (requestsPerMinute?: number | null) =>
      changeSiteCap(test.db, {
        ...form(),
        serviceId,
        cap: null,
        ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      });
    expect(await read()).toBeNull();
    await change(500);
    expect(await read()).toBe(500);
    await change();
    expect(await read()).toBe(500);
    await change(null);
    expect(await read()).toBeNull();
  });
});

describe("readServiceUsage", () => {
  it("counts the spends of a service by feature, less refunds, and what was not charged", async () => {
    const { key, serviceId } = await createWorker("Used");
    for (const idempotencyKey of ["first", "second"]) {
      const body = { user: "mei", amount: 10 };
      await call(test.db, postSpend, { key, idempotencyKey, body });
    }
    await call(test.db, postRefund, {
      key,
      idempotencyKey: "back",
      target: "second",
      body: { user: "mei", amount: 4 },
    });
    const target = "held";
    await call(test.db, postHold, {
      key,
      idempotencyKey: target,
      body: { user: "mei", amount: 5 },
    });
    const capture = { key, idempotencyKey: "captured", target, body: { user: "mei", amount: 8 } };
    await call(test.db, postCapture, capture);
    const usage = await readServiceUsage(test.db, { now: NOW, keysAt: NOW });
    expect(usage.filter((row) => row.serviceId === serviceId)).toEqual([
      {
        serviceId,
        name: "Used",
        isPersonal: false,
        owner: null,
        keys: [key.slice(0, 9)],
        feature: null,
        spends: 3,
        spent: 21,
        unbilled: 3,
      },
    ]);
  });

  it("counts what every key spent for one user", async () => {
    await createUser(test.db, "lin");
    const own = await createKey(test.db, { ownerId: "lin", name: "Backup" });
    const site = await createWorker("Shared");
    const spends = [
      [own.key, { amount: 7 }],
      [site.key, { user: "lin", amount: 3 }],
      [site.key, { user: "mei", amount: 9 }],
    ] as const;
    for (const [number, [key, body]] of spends.entries()) {
      await call(test.db, postSpend, { key, idempotencyKey: `for-one:${number}`, body });
    }
    expect(await readServiceUsage(test.db, { userId: "lin", now: NOW, keysAt: NOW })).toMatchObject(
      [
        { serviceId: own.serviceId, name: "Backup", isPersonal: true, spent: 7 },
        { serviceId: site.serviceId, name: "Shared", isPersonal: false, spent: 3 },
      ],
    );
  });

  it("lists personal keys with their owner, and the keys of each service that work", async () => {
    await createUser(test.db, "wei");
    const own = await createKey(test.db, { ownerId: "wei", name: "Notes" });
    const rotated = await createWorker("Turned");
    const revoked = await createWorker("Gone");
    const spends = [
      [own.key, { amount: 1 }],
      [rotated.key, { user: "wei", amount: 1 }],
      [revoked.key, { user: "wei", amount: 1 }],
    ] as const;
    for (const [number, [key, body]] of spends.entries()) {
      await call(test.db, postSpend, { key, idempotencyKey: `listed:${number}`, body });
    }
    const rotation = { serviceId: rotated.serviceId, overlapHours: 24 as const };
    await rotateSiteKey(test.db, issuerOf(test.db), {
      ...form(),
      ...rotation,
      expiresInDays: null,
    });
    await revokeSiteService(test.db, { ...form(), serviceId: revoked.serviceId });
    const usage = await readServiceUsage(test.db, { now: NOW, keysAt: NOW });
    const of = (id: string) => usage.find(({ serviceId }) => serviceId === id);
    expect(of(own.serviceId)).toMatchObject({
      name: "Notes",
      isPersonal: true,
      owner: { id: "wei", email: "wei@people.example" },
      keys: [own.key.slice(0, 9)],
    });
    expect(of(rotated.serviceId)?.keys).toHaveLength(2);
    expect(of(revoked.serviceId)).toMatchObject({ name: "Gone", owner: null, keys: [] });
  });
});
