import { ApiError, type Client, ConnectionError, createClient } from "@qiflow/client";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it, vi } from "vitest";
import type { Database } from "@/db/client";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { createKey, createUser } from "./api-fixture";
import { type ApiServer, startApiServer } from "./api-server";

let database: TestDatabase;
let db: Database;
let server: ApiServer;
let people = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  server = await startApiServer(db);
});

afterAll(async () => {
  server.close();
  await expectBooksBalanced(database.sql);
  await database.close();
});

/** A client with the personal key of a new user with 100 credits. */
async function newClient(options: { timeoutMs?: number; maxWaitMs?: number } = {}) {
  const ownerId = await createUser(db, `client-${++people}`, 100);
  const { key } = await createKey(db, { ownerId });
  return createClient({ apiKey: key, baseUrl: server.url, ...options });
}

const unavailable = (headers: Record<string, string> = {}) =>
  new Response("<h1>Bad gateway</h1>", { status: 502, headers });

/** What a call does, and the requests that it sends. */
async function watch<Result>(call: Promise<Result>) {
  const before = server.requests.length;
  const [outcome] = await Promise.allSettled([call]);
  return { outcome, requests: server.requests.slice(before) };
}

const rejection = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable("The call succeeded."),
    (error: unknown) => error,
  );

describe("the client", () => {
  it("spends, holds, captures and reads, with the types of the document", async () => {
    const api = await newClient();
    const spent = await api.post("/spends", { body: { amount: 5, reference: "job-1" } });
    expectTypeOf(spent.balance_after).toEqualTypeOf<number>();
    expect(spent).toMatchObject({ amount: -5, balance_after: 95, replayed: false });
    const hold = await api.post("/holds", { body: { amount: 20 } });
    const captured = await api.post("/holds/{key}/capture", {
      path: { key: hold.key },
      body: { amount: 12 },
    });
    expect(captured.amount).toBe(-12);
    const { available, lots } = await api.get("/balance", { query: { lots: true } });
    expect([available, lots?.length]).toEqual([83, 1]);
    const { transactions } = await api.get("/transactions", { query: { limit: 2 } });
    expect(transactions.map(({ amount }) => amount)).toEqual([-12, -5]);
    expect(await api.post("/check", { body: { amount: 90 } })).toMatchObject({ allowed: false });
  });

  it("makes a reading and reads it in another language", async () => {
    const api = await newClient();
    const made = await api.post("/readings", {
      body: {
        name: "Lin",
        gender: "female",
        year: 1990,
        month: 6,
        day: 15,
        place: { longitude: 116.41, zone: "Asia/Shanghai" },
      },
    });
    const { locale, sections } = await api.get("/readings/{id}", {
      path: { id: made.id },
      query: { locale: "zh-CN" },
    });
    expect([made.locale, locale, sections[0]?.key]).toEqual(["en", "zh-CN", "day-master"]);
    const { readings } = await api.get("/readings");
    expect(readings.map(({ id }) => id)).toEqual([made.id]);
  });

  it("escapes a key in the path", async () => {
    const api = await newClient();
    await api.post("/holds", { body: { amount: 1 }, idempotencyKey: "a/b?c" });
    const released = await api.post("/holds/{key}/release", { path: { key: "a/b?c" } });
    expect(released.released).toBe(1);
  });

  it("throws an ApiError with the code, the request and the members of the problem", async () => {
    const api = await newClient();
    const { outcome, requests } = await watch(api.post("/spends", { body: { amount: 101 } }));
    expect(requests).toHaveLength(1);
    const error = outcome.status === "rejected" ? outcome.reason : undefined;
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: "insufficient_credits",
      status: 402,
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
      problem: { required: 101, available: 100 },
    });
  });

  it("rejects calls with missing or unknown parts at compile time", () => {
    const refuse = (api: Client) => {
      // @ts-expect-error a hold has no such field
      void api.post("/holds", { body: { colour: "red" } });
      // @ts-expect-error the key of the hold is missing
      void api.post("/holds/{key}/capture");
      // @ts-expect-error a read has no such path
      void api.get("/spends");
    };
    expect(refuse).toBeTypeOf("function");
  });
});

describe("the client's retries", () => {
  it("book once when the response to a write is lost", async () => {
    const api = await newClient();
    server.failNext("lose response");
    const { outcome, requests } = await watch(api.post("/spends", { body: { amount: 5 } }));
    expect(outcome).toMatchObject({ status: "fulfilled", value: { replayed: true, amount: -5 } });
    expect(requests).toHaveLength(2);
    expect(new Set(requests).size).toBe(1);
    expect((await api.get("/balance")).available).toBe(95);
  });

  it("follow a timeout", async () => {
    const api = await newClient({ timeoutMs: 1000 });
    server.failNext("never respond");
    expect((await api.get("/balance")).available).toBe(100);
  });

  it("wait as long as Retry-After says", async () => {
    const api = await newClient();
    server.failNext(() => unavailable({ "Retry-After": "1" }));
    const startedMs = performance.now();
    await api.get("/balance");
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(1000);
  });

  it("end when Retry-After is longer than the caller waits", async () => {
    const api = await newClient({ maxWaitMs: 2000 });
    server.failNext(() =>
      Response.json(
        { code: "rate_limited", status: 429, detail: "Too many.", request_id: "r" },
        { status: 429, headers: { "Retry-After": "60" } },
      ),
    );
    const { outcome, requests } = await watch(api.get("/balance"));
    expect(outcome).toMatchObject({ reason: { code: "rate_limited", requestId: "r" } });
    expect(requests).toHaveLength(1);
  });

  it("end after three, with the key to repeat the write", async () => {
    const api = await newClient();
    server.failNext(...Array.from({ length: 4 }, () => () => unavailable()));
    const { outcome, requests } = await watch(
      api.post("/spends", { body: { amount: 5 }, idempotencyKey: "job" }),
    );
    expect(requests).toHaveLength(4);
    expect(outcome).toMatchObject({
      reason: { status: 502, code: "unexpected_response", idempotencyKey: "job" },
    });
  });

  it("throw a ConnectionError when nothing responds", async () => {
    const api = await newClient({ timeoutMs: 300 });
    server.failNext(...Array.from({ length: 4 }, () => "never respond" as const));
    const error = await rejection(api.post("/spends", { body: { amount: 5 } }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ idempotencyKey: expect.any(String) });
  });

  it("stop when the caller aborts, also while they wait", async () => {
    const api = await newClient();
    const controller = new AbortController();
    server.failNext(() => unavailable({ "Retry-After": "20" }));
    const call = rejection(api.get("/balance", { signal: controller.signal }));
    await vi.waitFor(() => expect(server.requests.at(-1)).toContain("/balance"));
    controller.abort(new Error("no longer needed"));
    expect(await call).toMatchObject({ message: "no longer needed" });
  });
});
