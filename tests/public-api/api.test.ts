import { addDays, addHours, addMinutes, addSeconds } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { apikey } from "@/db/schema";
import { creditTransaction } from "@/ledger/schema";
import {
  getBalance,
  getTransactions,
  getUsage,
  postCapture,
  postCheck,
  postExtend,
  postHold,
  postRefund,
  postRelease,
  postSpend,
} from "@/public-api/operations";
import {
  changeCap,
  changeRequestLimit,
  listServices,
  revokeService,
  rotateKey,
} from "@/public-api/services";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { call, createKey, createUser, issuerOf, NOW, setUser } from "./api-fixture";

let database: TestDatabase;
let db: Database;
let people = 0;

const newUser = (credits?: number) => createUser(db, `user-${++people}`, credits);

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

describe("a key", () => {
  it("is stored as a hash with its first characters", async () => {
    const { serviceId, key } = await createKey(db, { ownerId: await newUser() });
    const [stored] = await db.select().from(apikey).where(eq(apikey.referenceId, serviceId));
    expect(key).toMatch(/^qf_[A-Za-z]{64}$/);
    expect(JSON.stringify(stored)).not.toContain(key);
    expect(stored?.start).toBe(key.slice(0, 9));
  });

  it.each([
    ["is missing", undefined],
    ["is unknown", `qf_${"a".repeat(64)}`],
    ["is malformed", "qf_short"],
  ])("gets 401 when it %s, even with a cookie", async (_, key) => {
    const headers = { cookie: "qiflow.session_token=anything" };
    const { status, json, headers: sent } = await call(db, getBalance, { key, headers });
    expect([status, json.code]).toEqual([401, "invalid_api_key"]);
    expect(sent.get("content-type")).toBe("application/problem+json");
    expect(sent.get("www-authenticate")).toBe("Bearer");
    expect(json.request_id).toBe(sent.get("x-request-id"));
  });

  it("gets 401 once it has expired", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(), expiresInDays: 1 });
    const later = addDays(new Date(), 1.01);
    expect((await call(db, getBalance, { key, now: new Date() })).status).toBe(200);
    expect((await call(db, getBalance, { key, now: later })).status).toBe(401);
  });

  it("gets 401 as soon as its service is revoked", async () => {
    const ownerId = await newUser();
    const { key, serviceId } = await createKey(db, { ownerId });
    expect((await call(db, getBalance, { key })).status).toBe(200);
    await db.transaction((tx) => revokeService(tx, { serviceId, ownerId, now: NOW }));
    expect((await call(db, getBalance, { key })).status).toBe(401);
  });

  it.each([
    ["banned", { banned: true }],
    ["deleted", { deletedAt: NOW }],
  ])("gets 401 while its owner is %s", async (_, change) => {
    const ownerId = await newUser();
    const { key } = await createKey(db, { ownerId });
    await setUser(db, ownerId, change);
    expect((await call(db, getBalance, { key })).status).toBe(401);
  });

  it("is refused what its scopes do not contain", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(), scopes: ["read"] });
    const spend = { key, idempotencyKey: "a", body: { amount: 1 } };
    expect((await call(db, postSpend, spend)).json).toMatchObject({
      status: 403,
      code: "scope_missing",
      scope: "spend",
    });
  });

  it("cannot refund if it is personal", async () => {
    const ownerId = await newUser();
    await expect(createKey(db, { ownerId, scopes: ["refund"] })).rejects.toThrow("cannot refund");
    const { key } = await createKey(db, { ownerId });
    await call(db, postSpend, { key, idempotencyKey: "a", body: { amount: 5 } });
    const refund = { key, idempotencyKey: "r", target: "a" };
    expect((await call(db, postRefund, refund)).status).toBe(403);
  });

  it("stores its use at most once a minute", async () => {
    const ownerId = await newUser();
    const { key } = await createKey(db, { ownerId });
    const useAt = async (seconds: number) => {
      const now = new Date(NOW.getTime() + seconds * 1000);
      await call(db, getBalance, { key, now });
      return (await listServices(db, { ownerId, now }))[0]?.keys[0]?.lastUsedAt;
    };
    expect(await useAt(0)).toEqual(NOW);
    expect(await useAt(59)).toEqual(NOW);
    expect(await useAt(60)).toEqual(new Date(NOW.getTime() + 60_000));
  });

  it("works during the overlap of a rotation, and its cap and idempotency keys continue", async () => {
    const ownerId = await newUser();
    const cap = { amount: 12, window: "day" } as const;
    const { key, serviceId } = await createKey(db, { ownerId, cap });
    const spend = { idempotencyKey: "once", body: { amount: 10 } };
    const first = await call(db, postSpend, { key, ...spend });
    const rotation = { serviceId, ownerId, overlapHours: 1, expiresInDays: null, now: NOW };
    const next = await rotateKey(db, issuerOf(db), rotation);
    expect((await call(db, getBalance, { key })).status).toBe(200);
    expect((await call(db, getBalance, { key, now: addHours(NOW, 1) })).status).toBe(401);
    const again = await call(db, postSpend, { key: next, ...spend });
    expect(again.json).toEqual({ ...first.json, replayed: true });
    const more = await call(db, postSpend, {
      key: next,
      idempotencyKey: "more",
      body: { amount: 3 },
    });
    expect(more.json).toMatchObject({
      code: "spend_limit_exceeded",
      required: 3,
      available: 2,
      limit: 12,
      remaining: 2,
      window: "day",
      resets_at: "2026-03-11T00:00:00.000Z",
    });
  });

  it("gets 429 with Retry-After after thirty wrong keys from one network", async () => {
    const limited = await createTestDatabase();
    try {
      const key = `qf_${"b".repeat(64)}`;
      for (let n = 0; n < 40; n += 1) await call(limited.db, getBalance, {});
      let last = await call(limited.db, getBalance, { key });
      for (let n = 0; n < 30; n += 1) last = await call(limited.db, getBalance, { key });
      expect([last.status, last.json.code]).toEqual([429, "rate_limited"]);
      expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    } finally {
      await limited.close();
    }
  });
});

describe("a service", () => {
  it("gets 429 with Retry-After once it exceeds its requests per minute, whichever key it uses", async () => {
    const user = await newUser();
    const { key, serviceId } = await createKey(db, {});
    const other = await createKey(db, {});
    const limit = { serviceId, ownerId: null, requestsPerMinute: 3 };
    await db.transaction((tx) => changeRequestLimit(tx, limit));
    const read = (by: string, seconds: number) =>
      call(db, getBalance, { key: by, query: { user }, now: addSeconds(NOW, seconds) });
    const rotation = { serviceId, ownerId: null, overlapHours: 1, expiresInDays: null, now: NOW };
    const next = await rotateKey(db, issuerOf(db), rotation);
    for (const by of [key, next, key]) expect((await read(by, 0)).status).toBe(200);
    const refused = await read(next, 10);
    expect([refused.status, refused.json.code]).toEqual([429, "rate_limited"]);
    expect(refused.headers.get("retry-after")).toBe("50");
    expect((await read(other.key, 10)).status).toBe(200);
    expect((await read(key, 60)).status).toBe(200);
  });
});

describe("a service of the site", () => {
  it("acts for the user it names, and for no unknown, banned or deleted one", async () => {
    const [userId, banned, deleted] = [await newUser(), await newUser(), await newUser()];
    await setUser(db, banned, { banned: true });
    await setUser(db, deleted, { deletedAt: NOW });
    const { key } = await createKey(db, {});
    const read = (user: string) => call(db, getBalance, { key, query: { user } });
    expect((await read(userId)).json).toMatchObject({ user: userId, available: 1000 });
    for (const other of ["nobody", banned, deleted])
      expect((await read(other)).json).toMatchObject({ status: 404, code: "user_not_found" });
    expect((await call(db, getBalance, { key })).json.code).toBe("wrong_user");
  });

  it("keeps its spends and holds out of the reach of other services", async () => {
    const user = await newUser();
    const [own, other] = [await createKey(db, {}), await createKey(db, {})];
    const hold = { idempotencyKey: "h", body: { user, amount: 10 } };
    await call(db, postHold, { key: own.key, ...hold });
    await call(db, postSpend, { key: own.key, idempotencyKey: "s", body: { user, amount: 10 } });
    const by = (key: string) => ({ key, idempotencyKey: "x", body: { user } });
    const amount = 1;
    const extend = { ...by(other.key), target: "h", body: { user, amount } };
    expect((await call(db, postExtend, extend)).json.code).toBe("hold_not_found");
    for (const operation of [postCapture, postRelease])
      expect((await call(db, operation, { ...by(other.key), target: "h" })).json.code).toBe(
        "hold_not_found",
      );
    expect((await call(db, postRefund, { ...by(other.key), target: "s" })).json.code).toBe(
      "transaction_not_found",
    );
    expect((await call(db, postCapture, { ...by(own.key), target: "h" })).status).toBe(200);
  });

  it("has its own idempotency keys", async () => {
    const user = await newUser();
    const spend = { idempotencyKey: "same", body: { user, amount: 10 } };
    for (const { key } of [await createKey(db, {}), await createKey(db, {})])
      expect((await call(db, postSpend, { key, ...spend })).json.replayed).toBe(false);
  });

  it("is the only kind that names users: a personal key acts for its owner", async () => {
    const [ownerId, other] = [await newUser(), await newUser()];
    const { key } = await createKey(db, { ownerId });
    const named = await call(db, getBalance, { key, query: { user: other } });
    expect(named.json.code).toBe("wrong_user");
  });
});

describe("a write", () => {
  it("returns the same booking to the same request, and 409 to another payload", async () => {
    const { key } = await createKey(db, { ownerId: await newUser() });
    const spend = (body: object) => call(db, postSpend, { key, idempotencyKey: "k", body });
    const first = await spend({ amount: 10, reference: "job-1" });
    expect(first.json).toMatchObject({
      key: "k",
      amount: -10,
      balance_after: 990,
      replayed: false,
    });
    const again = await spend({ amount: 10, reference: "job-1" });
    expect(again.json).toEqual({ ...first.json, replayed: true });
    for (const other of [
      { amount: 11, reference: "job-1" },
      { amount: 10, reference: "job-2" },
      { amount: 10, reference: "job-1", feature: "bazi-reading" },
    ]) {
      const { json } = await spend(other);
      expect([json.status, json.code]).toEqual([409, "idempotency_conflict"]);
      expect(json.detail).not.toContain("svc_");
    }
  });

  it("does not consume its key when it is refused, and says what it requires", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(5) });
    const spend = (amount: number) =>
      call(db, postSpend, { key, idempotencyKey: "k", body: { amount } });
    expect((await spend(6)).json).toMatchObject({
      status: 402,
      code: "insufficient_credits",
      required: 6,
      available: 5,
    });
    expect((await spend(5)).status).toBe(200);
  });

  it("costs the price of its feature, and the booked amount when it is repeated at another price", async () => {
    const user = await newUser();
    const { key, serviceId } = await createKey(db, {});
    const spend = { key, idempotencyKey: "k", body: { user, feature: "bazi-reading" } };
    const first = await call(db, postSpend, spend);
    expect(first.json.amount).toBe(-10);
    // As if the catalogue's cost had been 7 when the other key was used.
    const old = { ...spend, idempotencyKey: "old", body: { ...spend.body, amount: 7 } };
    await call(db, postSpend, old);
    const again = await call(db, postSpend, { ...spend, idempotencyKey: "old" });
    expect(again.json).toMatchObject({ amount: -7, replayed: true });
    const unknown = { ...spend, body: { user, feature: "constructor" } };
    expect((await call(db, postSpend, unknown)).json.code).toBe("invalid_request");
    const [stored] = await db
      .select()
      .from(creditTransaction)
      .where(eq(creditTransaction.idempotencyKey, `api:${serviceId}:k`));
    expect(stored).toMatchObject({ feature: "bazi-reading", serviceId });
  });

  it("needs an Idempotency-Key", async () => {
    const { key } = await createKey(db, { ownerId: await newUser() });
    for (const idempotencyKey of ["", "a b", "x".repeat(201)])
      expect(
        (await call(db, postSpend, { key, idempotencyKey, body: { amount: 1 } })).json.code,
      ).toBe("idempotency_key_missing");
  });

  it.each([
    ["an unknown field", { amount: 1, colour: "red" }],
    ["no amount", {}],
    ["a fraction", { amount: 1.5 }],
    ["zero", { amount: 0 }],
    ["a text", { amount: "1" }],
    ["an array", []],
    ["no JSON", "{"],
  ])("refuses %s", async (_, body) => {
    const { key } = await createKey(db, { ownerId: await newUser() });
    const { json } = await call(db, postSpend, { key, idempotencyKey: "k", body });
    expect([json.status, json.code]).toEqual([400, "invalid_request"]);
  });

  it("refuses bytes that are not UTF-8 instead of replacing them", async () => {
    const { key } = await createKey(db, { ownerId: await newUser() });
    const body = Buffer.from('{"amount": 1, "reference": "\xff"}', "latin1");
    const { json } = await call(db, postSpend, { key, idempotencyKey: "k", body });
    expect(json).toMatchObject({
      code: "invalid_request",
      detail: expect.stringContaining("UTF-8"),
    });
  });

  it("refuses a body of more than 16 kB", async () => {
    const { key } = await createKey(db, { ownerId: await newUser() });
    const body = JSON.stringify({ amount: 1, reference: "x".repeat(17_000) });
    expect((await call(db, postSpend, { key, idempotencyKey: "k", body })).status).toBe(413);
  });
});

describe("a hold", () => {
  it("is captured in part, and the rest returns to the balance and to the limit", async () => {
    const ownerId = await newUser(100);
    const cap = { amount: 50, window: "month" } as const;
    const { key } = await createKey(db, { ownerId, cap });
    const held = await call(db, postHold, { key, idempotencyKey: "h", body: { amount: 40 } });
    expect(held.json).toMatchObject({
      amount: 40,
      expires_at: "2026-03-10T12:10:00.000Z",
      limit: { limit: 50, remaining: 10, resets_at: "2026-04-01T00:00:00.000Z", hard: true },
    });
    const capture = { key, idempotencyKey: "c", target: "h", body: { amount: 15 } };
    const captured = await call(db, postCapture, capture);
    expect(captured.json).toMatchObject({ amount: -15, limit: { remaining: 35 } });
    expect((await call(db, postCapture, capture)).json).toEqual({
      ...captured.json,
      replayed: true,
    });
    const released = { key, idempotencyKey: "r", target: "h" };
    expect((await call(db, postRelease, released)).json.code).toBe("hold_closed");
    expect((await call(db, getBalance, { key })).json).toMatchObject({ available: 85, held: 0 });
  });

  it("is extended in time and in credits, once for each key", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(100) });
    const made = { key, idempotencyKey: "h", body: { amount: 40 } };
    const hold = await call(db, postHold, made);
    const extend = (idempotencyKey: string, body: object, now = NOW) =>
      call(db, postExtend, { key, idempotencyKey, target: "h", body, now });
    const later = addMinutes(NOW, 5);
    const first = await extend("e1", { expires_in_seconds: 600, amount: 20 }, later);
    expect(first.json).toMatchObject({ amount: 20, expires_at: "2026-03-10T12:15:00.000Z" });
    expect((await extend("e2", { expires_in_seconds: 60 }, later)).json).toMatchObject({
      amount: 0,
      expires_at: "2026-03-10T12:15:00.000Z",
    });
    const again = await extend("e1", { expires_in_seconds: 900, amount: 20 }, later);
    expect(again.json).toEqual({ ...first.json, replayed: true });
    expect((await call(db, postHold, made)).json).toEqual({ ...hold.json, replayed: true });
    for (const [idempotencyKey, body, code] of [
      ["e1", { amount: 21 }, "idempotency_conflict"],
      ["h", { amount: 20 }, "idempotency_conflict"],
      ["e3", { amount: 41 }, "insufficient_credits"],
      ["e3", {}, "invalid_request"],
      ["e3", { expires_in_seconds: 5 }, "invalid_request"],
    ] as const)
      expect((await extend(idempotencyKey, body, later)).json.code).toBe(code);
    const lapsed = await extend("e3", { amount: 1 }, addMinutes(NOW, 15));
    expect(lapsed.json.code).toBe("hold_lapsed");
    const capture = { key, idempotencyKey: "c", target: "h", body: { amount: 60 }, now: later };
    expect((await call(db, postCapture, capture)).json).toMatchObject({ amount: -60 });
    expect((await extend("e3", { amount: 1 }, later)).json.code).toBe("hold_closed");
    const spend = { key, idempotencyKey: "e2", body: { amount: 1 }, now: later };
    expect((await call(db, postSpend, spend)).json.code).toBe("idempotency_conflict");
  });

  it("is extended under the cap of the day in which it was made", async () => {
    const cap = { amount: 50, window: "day" } as const;
    const { key } = await createKey(db, { ownerId: await newUser(200), cap });
    const lateAt = new Date("2026-03-10T23:58:00Z");
    const hold = { key, idempotencyKey: "h", body: { amount: 30 }, now: lateAt };
    await call(db, postHold, hold);
    const extend = (idempotencyKey: string, amount: number) =>
      call(db, postExtend, {
        key,
        idempotencyKey,
        target: "h",
        body: { amount },
        now: addMinutes(lateAt, 4),
      });
    expect((await extend("e", 21)).json).toMatchObject({
      code: "spend_limit_exceeded",
      available: 20,
      resets_at: "2026-03-11T00:00:00.000Z",
    });
    expect((await extend("e", 20)).json).toMatchObject({ amount: 20, limit: { remaining: 50 } });
  });

  it("is extended by parallel requests up to the cap and no further", async () => {
    const cap = { amount: 50, window: "day" } as const;
    const { key } = await createKey(db, { ownerId: await newUser(200), cap });
    await call(db, postHold, { key, idempotencyKey: "h", body: { amount: 10 } });
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        call(db, postExtend, {
          key,
          idempotencyKey: `e${n % 15}`,
          target: "h",
          body: { amount: 5 },
        }),
      ),
    );
    const extended = results.filter(({ status }) => status === 200);
    expect(new Set(extended.map(({ json }) => json.key)).size).toBe(8);
    expect((await call(db, getBalance, { key })).json).toMatchObject({ held: 50, available: 150 });
  });

  it("is released once and named in the result", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(100) });
    await call(db, postHold, { key, idempotencyKey: "h", body: { amount: 40 } });
    const release = { key, idempotencyKey: "r", target: "h" };
    const first = await call(db, postRelease, release);
    expect(first.json).toMatchObject({ key: "r", released: 40, status: "released" });
    expect((await call(db, postRelease, release)).json).toEqual({ ...first.json, replayed: true });
  });
});

describe("a refund", () => {
  it("returns a part and then the rest of a spend, to the lot and to the limit", async () => {
    const user = await newUser(100);
    const { key } = await createKey(db, { cap: { amount: 60, window: "total" } });
    await call(db, postSpend, { key, idempotencyKey: "s", body: { user, amount: 60 } });
    const refund = (idempotencyKey: string, amount?: number) =>
      call(db, postRefund, { key, idempotencyKey, target: "s", body: { user, amount } });
    expect((await refund("a", 20)).json).toMatchObject({ amount: 20, limit: { remaining: 20 } });
    expect((await refund("b")).json).toMatchObject({ amount: 40, limit: { remaining: 60 } });
    expect((await refund("c")).json.code).toBe("refund_exceeds_spend");
  });
});

describe("the reads", () => {
  it("show a balance as of any instant, with lots on request", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(100) });
    const later = addHours(NOW, 2);
    await call(db, postSpend, { key, idempotencyKey: "s", body: { amount: 30 }, now: later });
    const at = (instant: Date) =>
      call(db, getBalance, { key, now: later, query: { at: instant.toISOString(), lots: "true" } });
    expect((await at(addHours(NOW, 1))).json).toMatchObject({ available: 100 });
    expect((await at(later)).json).toMatchObject({
      available: 70,
      lots: [{ number: 1, type: "PURCHASE_PACKAGE", available: 70, expires_at: null }],
    });
  });

  it("say whether a spend would succeed, and why not", async () => {
    const ownerId = await newUser(100);
    const { key, serviceId } = await createKey(db, { ownerId });
    const check = async (amount: number) =>
      (await call(db, postCheck, { key, body: { amount } })).json;
    expect(await check(100)).toMatchObject({ allowed: true, reason: null, limit: null });
    expect(await check(101)).toMatchObject({ allowed: false, reason: "insufficient_credits" });
    const cap = { amount: 20, window: "day" } as const;
    await db.transaction((tx) => changeCap(tx, { serviceId, ownerId, cap }));
    expect(await check(21)).toMatchObject({
      allowed: false,
      reason: "spend_limit_exceeded",
      limit: { remaining: 20 },
    });
  });

  it("sum usage by day, feature and service", async () => {
    const user = await newUser(100);
    const { key, serviceId } = await createKey(db, {});
    const tomorrow = addDays(NOW, 1);
    const spend = (idempotencyKey: string, body: object, now = NOW) =>
      call(db, postSpend, { key, idempotencyKey, body: { user, ...body }, now });
    await spend("a", { feature: "bazi-reading" });
    await spend("b", { feature: "bazi-reading" });
    await spend("c", { amount: 5 });
    await spend("d", { amount: 7 }, tomorrow);
    await call(db, postRefund, {
      key,
      idempotencyKey: "r",
      target: "d",
      body: { user },
      now: tomorrow,
    });
    const query = { user, from: "2026-03-10", to: "2026-03-11" };
    const service = serviceId;
    const none = { units: {}, unbilled: 0 };
    expect((await call(db, getUsage, { key, query, now: tomorrow })).json.usage).toEqual([
      { ...none, day: "2026-03-10", feature: null, service, spent: 5, refunded: 0, spends: 1 },
      {
        ...none,
        day: "2026-03-10",
        feature: "bazi-reading",
        service,
        spent: 20,
        refunded: 0,
        spends: 2,
      },
      { ...none, day: "2026-03-11", feature: null, service, spent: 7, refunded: 7, spends: 1 },
    ]);
    const tooLong = { ...query, from: "2025-01-01" };
    expect((await call(db, getUsage, { key, query: tooLong })).json.field).toBe("to");
  });

  it("page through the transactions", async () => {
    const { key } = await createKey(db, { ownerId: await newUser(100) });
    for (const n of [1, 2, 3])
      await call(db, postSpend, { key, idempotencyKey: `s${n}`, body: { amount: n } });
    const page = async (query: Record<string, string>) =>
      (await call(db, getTransactions, { key, query })).json;
    const first = await page({ limit: "3" });
    expect(first).toMatchObject({ transactions: [{ key: "s3" }, { key: "s2" }, { key: "s1" }] });
    const second = await page({ limit: "3", before: String(first.next_before) });
    expect(second).toMatchObject({
      transactions: [{ key: null, type: "PURCHASE_PACKAGE" }],
      next_before: null,
    });
    expect(await page({ limit: "0" })).toMatchObject({ code: "invalid_request", field: "limit" });
    expect(await page({ colour: "red" })).toMatchObject({ code: "invalid_request" });
  });
});
