import { addDays, addMinutes } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { catalog } from "@/catalog/catalog";
import type { Database } from "@/db/client";
import { creditUnbilled } from "@/ledger/schema";
import {
  getBalance,
  getUsage,
  postCapture,
  postCheck,
  postExtend,
  postHold,
  postRefund,
  postRelease,
  postSpend,
} from "@/public-api/operations";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { call, createKey, createUser, NOW } from "./api-fixture";

let database: TestDatabase;
let db: Database;
let people = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterEach(() => expectBooksBalanced(database.sql));

afterAll(() => database.close());

/** A user with credits and a service key that spends them. */
async function newCustomer(credits: number, service: Parameters<typeof createKey>[1] = {}) {
  const user = await createUser(db, `customer-${++people}`, credits);
  const { key, serviceId } = await createKey(db, service);
  const write =
    (operation: typeof postSpend | typeof postHold) =>
    (idempotencyKey: string, body: object, now = NOW) =>
      call(db, operation, { key, idempotencyKey, body: { user, ...body }, now });
  const writeTo =
    (operation: typeof postCapture | typeof postExtend | typeof postRelease | typeof postRefund) =>
    (idempotencyKey: string, target: string, body: object = {}, now = NOW) =>
      call(db, operation, { key, idempotencyKey, target, body: { user, ...body }, now });
  return {
    user,
    key,
    serviceId,
    spend: write(postSpend),
    hold: write(postHold),
    capture: writeTo(postCapture),
    extend: writeTo(postExtend),
    release: writeTo(postRelease),
    refund: writeTo(postRefund),
    check: (body: object) => call(db, postCheck, { key, body: { user, ...body } }),
    async balance(now = NOW) {
      const { json } = await call(db, getBalance, { key, query: { user }, now });
      const { available, held, debt } = json;
      return { available, held, debt };
    },
    unbilled: () => db.select().from(creditUnbilled).where(eq(creditUnbilled.userId, user)),
  };
}

/** 1,000,000 input tokens of the large model: 30 credits, 37.5 with the markup. */
const INPUT = { "input-token": 1_000_000 };

describe("a feature with a rate card", () => {
  it("costs its units at the rate of the model and tier, rounded up", async () => {
    const { spend, check } = await newCustomer(1000);
    const agent = { feature: "agent", model: "large", units: INPUT };
    expect((await check(agent)).json).toMatchObject({ allowed: true, required: 38 });
    expect((await spend("a", agent)).json).toMatchObject({ amount: -38 });
    expect((await spend("b", { ...agent, tier: "batch" })).json).toMatchObject({ amount: -19 });
    expect((await spend("c", { ...agent, units: { "output-token": 1 } })).json.amount).toBe(-1);
  });

  it("estimates a typical use where no units are named", async () => {
    const { hold, check } = await newCustomer(1000);
    // 4 × 1.5 + 1 × 6 = 12, plus 25%.
    expect((await check({ feature: "agent" })).json).toMatchObject({ required: 15 });
    expect((await hold("h", { feature: "agent" })).json).toMatchObject({ amount: 15 });
  });

  it.each([
    ["units and an amount", { units: INPUT, amount: 3 }, "units", "not both"],
    ["no units", {}, "units", "say what was used"],
    ["no model", { units: INPUT }, "model", "Name a model: large, small."],
    ["an unknown model", { units: INPUT, model: "huge" }, "model", 'no model "huge"'],
    ["an unknown tier", { units: INPUT, model: "large", tier: "x" }, "tier", 'no tier "x": batch'],
    ["an unknown unit", { units: { minute: 1 }, model: "large" }, "units", 'no unit "minute"'],
    ["a fraction", { units: { "input-token": 1.5 }, model: "large" }, "units.input-token", ""],
    [
      "a negative number",
      { units: { "input-token": -1 }, model: "large" },
      "units.input-token",
      "",
    ],
    [
      "nothing used",
      { units: { "input-token": 0 }, model: "large" },
      "units",
      "nothing that costs",
    ],
    ["no unit", { units: {}, model: "large" }, "units", "at least one unit"],
    [
      "a billion credits",
      {
        units: { "output-token": 1_000_000_000_000, "input-token": 1_000_000_000_000 },
        model: "large",
      },
      "",
      "",
    ],
    [
      "units of a feature with a fixed cost",
      { feature: "bazi-reading", units: INPUT },
      "units",
      "rate card",
    ],
  ])("refuses %s with a sentence", async (_, body, field, sentence) => {
    const { spend } = await newCustomer(10);
    const { json } = await spend("k", { feature: "agent", ...body });
    if (field === "") return expect(json).toMatchObject({ code: "insufficient_credits" });
    expect(json).toMatchObject({ status: 400, code: "invalid_request", field });
    expect(json.detail).toContain(sentence);
  });

  it("compares the units of a repeated request, not only their price", async () => {
    const { spend, hold, extend, capture } = await newCustomer(1000);
    const body = (tokens: number) => ({
      feature: "agent",
      model: "small",
      units: { "input-token": tokens },
    });
    const units = (tokens: number) => ({ units: { "input-token": tokens } });
    const first = await spend("s", body(1000));
    expect((await spend("s", body(1000))).json).toEqual({ ...first.json, replayed: true });
    expect((await spend("s", body(1001))).json.code).toBe("idempotency_conflict");
    const held = await hold("h", body(1000));
    expect((await hold("h", body(1000))).json).toEqual({ ...held.json, replayed: true });
    expect((await hold("h", body(1001))).json.code).toBe("idempotency_conflict");
    const extended = await extend("e", "h", units(1000));
    expect(extended.json).toMatchObject({ amount: 1 });
    expect((await extend("e", "h", units(1000))).json).toEqual({
      ...extended.json,
      replayed: true,
    });
    expect((await extend("e", "h", units(1001))).json.code).toBe("idempotency_conflict");
    const captured = await capture("c", "h", units(1000));
    expect((await capture("c", "h", units(1000))).json).toEqual({
      ...captured.json,
      replayed: true,
    });
    expect((await capture("c", "h", units(1001))).json.code).toBe("idempotency_conflict");
  });

  describe("whose rate changes during the work", () => {
    const card = catalog.features.agent?.cost;
    const rates = typeof card === "object" ? card.rates : expect.fail();
    const { large } = rates;

    afterEach(() => {
      rates.large = large ?? expect.fail();
    });

    it("charges the rate under which the hold was made, and replays what was booked", async () => {
      const { spend, hold, extend, capture } = await newCustomer(1000);
      const agent = { feature: "agent", model: "large", units: INPUT };
      const spent = await spend("s", agent);
      const held = await hold("h", agent);
      rates.large = { "input-token": "99" };
      expect((await extend("e", "h", { units: INPUT })).json).toMatchObject({ amount: 38 });
      const units = { "input-token": 2_000_000 };
      expect((await capture("c", "h", { units })).json).toMatchObject({ amount: -75 });
      expect((await hold("h", agent)).json).toEqual({ ...held.json, replayed: true });
      delete rates.large;
      expect((await spend("s", agent)).json).toEqual({ ...spent.json, replayed: true });
      expect((await spend("new", agent)).json.code).toBe("invalid_request");
    });
  });

  it("rounds once, at the capture", async () => {
    const { hold, extend, capture, balance } = await newCustomer(1000);
    const units = { "input-token": 100_000 };
    // 3.75 each: 4 + 4 are held, and 7.5 is charged as 8; three times 3.75 is 12, not 3 × 4.
    await hold("h", { feature: "agent", model: "large", units });
    await extend("e", "h", { units });
    expect(await balance()).toMatchObject({ held: 8 });
    await extend("e2", "h", { units });
    expect((await capture("c", "h", { units: { "input-token": 300_000 } })).json.amount).toBe(-12);
    expect(await balance()).toEqual({ available: 988, held: 0, debt: 0 });
  });

  it("captures no units of a hold without a rate", async () => {
    const { hold, capture } = await newCustomer(100);
    await hold("h", { amount: 10 });
    const { json } = await capture("c", "h", { units: INPUT });
    expect(json).toMatchObject({ code: "invalid_request", field: "units" });
    expect((await capture("c", "none", { units: INPUT })).json.code).toBe("hold_not_found");
    expect((await capture("c", "h", { amount: 10 })).status).toBe(200);
  });

  it("reports its units and what was not billed, by day and feature", async () => {
    const { user, key, serviceId, spend, hold, capture } = await newCustomer(60);
    const agent = { feature: "agent", model: "small" };
    await spend("s", { ...agent, units: { "input-token": 1_000_000 } });
    await hold("h", { ...agent, units: { "output-token": 1_000_000 } });
    await capture("c", "h", { units: { "input-token": 5, "output-token": 20_000_000 } });
    const query = { user, from: "2026-03-10", to: "2026-03-10" };
    expect((await call(db, getUsage, { key, query })).json.usage).toEqual([
      {
        day: "2026-03-10",
        feature: "agent",
        service: serviceId,
        spent: 110,
        refunded: 0,
        spends: 2,
        units: { "input-token": 1_000_005, "output-token": 20_000_000 },
        unbilled: 43,
      },
    ]);
  });
});

describe("work that used more than its hold", () => {
  it("is charged the hold, and refused with an error, unless its feature says otherwise", async () => {
    const { hold, capture, release, balance, unbilled } = await newCustomer(100);
    await hold("h", { amount: 20 });
    const first = await capture("c", "h", { amount: 25 });
    expect(first.json).toMatchObject({
      status: 402,
      code: "overrun_refused",
      required: 25,
      available: 20,
      charged: 20,
      unbilled: 5,
      reason: "overrun_policy",
    });
    expect(await balance()).toEqual({ available: 80, held: 0, debt: 0 });
    const again = await capture("c", "h", { amount: 25 });
    expect(again.json).toEqual({ ...first.json, request_id: again.json.request_id });
    expect((await capture("c", "h", { amount: 20 })).json.code).toBe("idempotency_conflict");
    expect((await capture("c2", "h", { amount: 20 })).json.code).toBe("hold_closed");
    expect((await release("r", "h")).json.code).toBe("hold_closed");
    expect(await unbilled()).toMatchObject([{ amount: 5, overrun: "refuse", captureSeq: 2 }]);
  });

  it("is capped at the hold without an error", async () => {
    const { hold, capture, balance } = await newCustomer(100);
    await hold("h", { feature: "transcript", units: { minute: 10 } });
    const captured = await capture("c", "h", { units: { minute: 60 } });
    expect(captured.json).toMatchObject({
      amount: -7,
      unbilled: { amount: 35, reason: "overrun_policy" },
    });
    expect((await capture("c", "h", { units: { minute: 60 } })).json).toEqual({
      ...captured.json,
      replayed: true,
    });
    expect(await balance()).toEqual({ available: 93, held: 0, debt: 0 });
  });

  it("takes the rest from the balance and into debt, up to the debt limit", async () => {
    const { hold, capture, refund, balance, unbilled } = await newCustomer(100);
    const agent = { feature: "agent", model: "small", amount: 30 };
    await hold("a", agent);
    expect((await capture("ca", "a", { amount: 70 })).json).toMatchObject({
      amount: -70,
      unbilled: null,
    });
    await hold("b", agent);
    const captured = await capture("cb", "b", { amount: 90 });
    expect(captured.json).toMatchObject({
      amount: -80,
      balance_after: -50,
      unbilled: { amount: 10, reason: "debt_limit" },
    });
    expect(await balance()).toEqual({ available: -50, held: 0, debt: 50 });
    expect(await unbilled()).toHaveLength(1);
    // A refund cancels the debt before it returns credits.
    expect((await refund("r1", "cb", { amount: 20 })).status).toBe(200);
    expect(await balance()).toEqual({ available: -30, held: 0, debt: 30 });
    expect((await refund("r2", "cb")).json).toMatchObject({ amount: 60 });
    expect(await balance()).toEqual({ available: 30, held: 0, debt: 0 });
  });

  it("stops at the cap of the key, in the window of the hold", async () => {
    const cap = { amount: 50, window: "day" } as const;
    const { hold, capture, balance } = await newCustomer(1000, { cap });
    await hold("h", { feature: "agent", model: "small", amount: 30 });
    const { json } = await capture("c", "h", { amount: 90 }, addMinutes(NOW, 5));
    expect(json).toMatchObject({
      amount: -50,
      unbilled: { amount: 40, reason: "spend_limit" },
      limit: { remaining: 0 },
    });
    expect(await balance()).toMatchObject({ available: 950 });
  });

  it("never exceeds a cap however many captures run in parallel", async () => {
    const cap = { amount: 100, window: "total" } as const;
    const { hold, capture, balance, unbilled } = await newCustomer(1000, { cap });
    const keys = Array.from({ length: 10 }, (_, n) => `h${n}`);
    for (const key of keys) await hold(key, { feature: "agent", model: "small", amount: 5 });
    const results = await Promise.all(
      [...keys, ...keys].map((key) => capture(`${key}:c`, key, { amount: 30 })),
    );
    expect(results.every(({ status }) => status === 200)).toBe(true);
    expect(await balance()).toMatchObject({ available: 900, held: 0 });
    const missing = (await unbilled()).reduce((sum, { amount }) => sum + amount, 0);
    expect(missing).toBe(10 * 30 - 100);
  });
});

describe("a capture after the lapse of its hold", () => {
  const late = addMinutes(NOW, 60);

  it("is charged from the balance up to the hold, and recorded beyond it", async () => {
    const { hold, capture, balance } = await newCustomer(100);
    await hold("h", { feature: "transcript", amount: 20 });
    expect(await balance(late)).toMatchObject({ available: 100 });
    const captured = await capture("c", "h", { amount: 25 }, late);
    expect(captured.json).toMatchObject({ amount: -20, unbilled: { amount: 5 } });
    expect(await balance(late)).toEqual({ available: 80, held: 0, debt: 0 });
    expect((await capture("c", "h", { amount: 25 }, late)).json.replayed).toBe(true);
    expect((await capture("c2", "h", { amount: 25 }, late)).json.code).toBe("hold_closed");
  });

  it("counts in the window of the hold", async () => {
    const cap = { amount: 50, window: "day" } as const;
    const { hold, capture, spend } = await newCustomer(1000, { cap });
    const tomorrow = addDays(NOW, 1);
    await hold("h", { feature: "agent", model: "small", amount: 30 });
    await spend("s", { amount: 40 }, late);
    const { json } = await capture("c", "h", { amount: 30 }, tomorrow);
    expect(json).toMatchObject({
      amount: -10,
      unbilled: { amount: 20, reason: "spend_limit" },
      limit: { remaining: 50 },
    });
  });

  it("is recorded as unbilled in full when nothing can be charged, and replays", async () => {
    const { hold, capture, spend, unbilled } = await newCustomer(20);
    await hold("h", { feature: "transcript", units: { minute: 20 } });
    await spend("s", { amount: 20 }, late);
    const first = await capture("c", "h", { units: { minute: 10 } }, late);
    expect(first.json).toMatchObject({
      amount: 0,
      number: null,
      balance_after: 0,
      unbilled: { amount: 7, reason: "balance" },
    });
    expect((await capture("c", "h", { units: { minute: 10 } }, late)).json).toEqual({
      ...first.json,
      replayed: true,
    });
    expect((await capture("c", "h", { units: { minute: 11 } }, late)).json.code).toBe(
      "idempotency_conflict",
    );
    expect((await spend("c", { amount: 1 }, late)).json.code).toBe("idempotency_conflict");
    expect(await unbilled()).toMatchObject([{ amount: 7, captureSeq: null }]);
  });
});
