import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { findOperations, getBalance, getUsage, postRefund } from "@/public-api/operations";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { type ApiRequest, call, createKey, createUser } from "./api-fixture";

let database: TestDatabase;
let db: Database;
let people = 0;

const newUser = (credits?: number) => createUser(db, `reader-${++people}`, credits);

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

const BIRTH = {
  name: "Lin",
  gender: "female",
  year: 1990,
  month: 6,
  day: 15,
  time: "12:00",
  place: { city: "beijing" },
};

const create = (sent: ApiRequest) => callProduct("post", "/readings", sent);
const list = (sent: ApiRequest) => callProduct("get", "/readings", sent);
const read = (id: unknown, sent: ApiRequest) => callProduct("get", `/readings/${id}`, sent);

/** Calls an operation as the catch-all route does. */
async function callProduct(method: "get" | "post", path: string, sent: ApiRequest) {
  const found = findOperations(path.slice(1).split("/"));
  const operation = found?.methods[method];
  if (operation === undefined) throw new Error(`No operation at ${path}.`);
  return call(db, operation, {
    ...sent,
    ...(found?.target !== undefined && { target: found.target }),
  });
}

describe("createReading", () => {
  it("makes a reading in the language requested and charges its cost", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(100) });
    const { status, json } = await create({
      key,
      idempotencyKey: "r",
      body: { ...BIRTH, locale: "zh-CN" },
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      key: "r",
      replayed: false,
      limit: null,
      name: "Lin",
      locale: "zh-CN",
      birth: { calendar: "solar", place: { city: "beijing" }, true_solar_time: true },
      pillars: { year: "庚午", month: "壬午", day: "辛亥", hour: "癸巳" },
    });
    expect(JSON.stringify(json.summary)).toContain("日主");
    expect(json.sections).toHaveLength(11);
    expect((await call(db, getBalance, { key })).json).toMatchObject({ available: 90, held: 0 });
  });

  it("makes one reading and one charge for a key, also for parallel requests", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(100) });
    const request = { key, idempotencyKey: "same", body: BIRTH };
    const responses = await Promise.all([1, 2, 3].map(() => create(request)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(responses.map(({ json }) => json.id)).size).toBe(1);
    expect((await create(request)).json.replayed).toBe(true);
    expect((await call(db, getBalance, { key })).json).toMatchObject({ available: 90, held: 0 });
    expect((await list({ key })).json.readings).toHaveLength(1);
  });

  it("returns 409 when the key was used for another birth", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(100) });
    await create({ key, idempotencyKey: "k", body: BIRTH });
    const other = { key, idempotencyKey: "k", body: { ...BIRTH, name: "Mei" } };
    const { json } = await create(other);
    expect(json).toMatchObject({ status: 409, code: "idempotency_conflict" });
    expect(json.detail).toContain("The `Idempotency-Key` was used with another payload.");
  });

  it("returns 402 with required and available, and uses no key", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(9) });
    const request = { key, idempotencyKey: "k", body: BIRTH };
    expect((await create(request)).json).toMatchObject({
      status: 402,
      code: "insufficient_credits",
      required: 10,
      available: 9,
    });
    expect((await list({ key })).json.readings).toEqual([]);
  });

  it("exceeds no cap and is counted for its service and feature", async () => {
    const user = await newUser(100);
    const { key, serviceId } = await createKey(db, { cap: { amount: 25, window: "day" } });
    const body = { ...BIRTH, user };
    const responses = await Promise.all(
      ["a", "b", "c", "d"].map((idempotencyKey) => create({ key, idempotencyKey, body })),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(responses.find(({ status }) => status === 402)?.json).toMatchObject({
      code: "spend_limit_exceeded",
      required: 10,
      available: 5,
    });
    const day = "2026-03-10";
    const usage = await call(db, getUsage, { key, query: { user, from: day, to: day } });
    expect(usage.json.usage).toEqual([
      {
        day,
        feature: "bazi-reading",
        service: serviceId,
        spent: 20,
        refunded: 0,
        spends: 2,
        units: {},
        unbilled: 0,
      },
    ]);
  });

  it("has separate keys for each service and user, and can't be refunded by key", async () => {
    const [ada, mei] = [await newUser(), await newUser()];
    const [one, other] = [await createKey(db, {}), await createKey(db, {})];
    const ids = new Set<unknown>();
    for (const { key } of [one, other])
      for (const user of [ada, mei]) {
        const { json } = await create({ key, idempotencyKey: "k", body: { ...BIRTH, user } });
        expect(json).toMatchObject({ user, replayed: false });
        ids.add(json.id);
      }
    expect(ids.size).toBe(4);
    const refund = { key: one.key, idempotencyKey: "r", target: "k", body: { user: ada } };
    expect((await call(db, postRefund, refund)).json.code).toBe("transaction_not_found");
  });

  it.each([
    ["a day that the month lacks", { month: 2, day: 30 }, "day"],
    ["a time that the clocks skipped", { month: 4, day: 15, year: 1990, time: "02:30" }, "time"],
    ["an unknown city", { place: { city: "atlantis" } }, "place.city"],
    ["a longitude outside its zone", { place: { longitude: 0, zone: "Asia/Tokyo" } }, "place"],
    ["a leap month that the year lacks", { calendar: "lunar", leap_month: true }, "leap_month"],
    ["a name of invisible characters", { name: "\u200b" }, "name"],
    ["an unknown field", { colour: "red" }, "colour"],
  ])("charges nothing for %s", async (_, change, field) => {
    const { key } = await createKey(db, { ownerId: await newUser(100) });
    const request = { key, idempotencyKey: "k", body: { ...BIRTH, ...change } };
    const { json } = await create(request);
    expect(json).toMatchObject({ status: 400, code: "invalid_request" });
    expect(json.field).toBe(field);
    expect((await call(db, getBalance, { key })).json).toMatchObject({ available: 100, held: 0 });
  });

  it("needs the scope and an Idempotency-Key", async () => {
    const ownerId = await newUser();
    const reader = await createKey(db, { ownerId, scopes: ["read"] });
    const refused = await create({ key: reader.key, idempotencyKey: "k", body: BIRTH });
    expect(refused.json).toMatchObject({ code: "scope_missing", scope: "spend" });
    const { key } = await createKey(db, { ownerId });
    expect((await create({ key, body: BIRTH })).json.code).toBe("idempotency_key_missing");
  });
});

describe("listReadings", () => {
  it("pages through the readings of one user, newest first", async () => {
    const { key } = await createKey(db, { ownerId: await newUser() });
    const { key: strangers } = await createKey(db, { ownerId: await newUser() });
    const made: unknown[] = [];
    for (const [n, name] of ["a", "b", "c"].entries()) {
      const now = new Date(Date.UTC(2026, 2, 10, 12, n));
      const { json } = await create({ key, idempotencyKey: name, body: { ...BIRTH, name }, now });
      made.unshift(json.id);
    }
    const first = (await list({ key, query: { limit: "2" } })).json;
    expect(idsOf(first)).toEqual(made.slice(0, 2));
    const before = String(first.next_before);
    const second = (await list({ key, query: { limit: "2", before } })).json;
    expect(idsOf(second)).toEqual(made.slice(2));
    expect(second.next_before).toBeNull();
    expect(JSON.stringify(first)).not.toContain("sections");
    expect((await list({ key: strangers })).json.readings).toEqual([]);
  });

  it.each([
    ["limit", "0"],
    ["limit", "101"],
    ["before", "yesterday"],
  ])("refuses %s=%s", async (field, value) => {
    const { key } = await createKey(db, { ownerId: await newUser() });
    const { json } = await list({ key, query: { [field]: value } });
    expect(json).toMatchObject({ status: 400, code: "invalid_request", field });
  });
});

describe("getReading", () => {
  it("writes the text in the language of the query, then of Accept-Language", async () => {
    const { key } = await createKey(db, { ownerId: await newUser() });
    const { json: made } = await create({ key, idempotencyKey: "r", body: BIRTH });
    expect(made.locale).toBe("en");
    const headers = { "accept-language": "fr, zh-TW;q=0.9, en;q=0.8" };
    expect((await read(made.id, { key, headers })).json.locale).toBe("zh-CN");
    const { json } = await read(made.id, { key, headers, query: { locale: "en" } });
    const { key: _, replayed, limit, ...reading } = made;
    expect(json).toEqual(reading);
  });

  it("returns 404 for a reading of another user and for an invalid id", async () => {
    const [one, other] = [await newUser(), await newUser()];
    const { key } = await createKey(db, { ownerId: one });
    const { json } = await create({ key, idempotencyKey: "r", body: BIRTH });
    const stranger = await createKey(db, { ownerId: other });
    expect((await read(json.id, { key: stranger.key })).json).toMatchObject({ code: "not_found" });
    expect((await read("nonsense", { key })).json).toMatchObject({ status: 404 });
  });
});

const idsOf = ({ readings }: Record<string, unknown>) =>
  (readings as { id: string }[]).map(({ id }) => id);
