import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditQuery, listAudit, recordAudit } from "@/admin/audit";
import { listRuns, readLatestRun, readRunProgress, runsQuery } from "@/admin/distribution/runs";
import { eventsQuery, listEvents } from "@/admin/events/events";
import { PAGE_ROWS, type Page } from "@/admin/lists/keyset";
import { listOutbox, outboxQuery } from "@/admin/outbox";
import { listAllPayments, paymentsQuery } from "@/admin/payments";
import { paymentPages } from "@/admin/reports/exports";
import { listUsers, usersQuery } from "@/admin/users/list-users";
import type { Executor } from "@/db/client";
import { outbox, stripeEvent } from "@/db/schema";
import { distributionRun } from "@/ledger/distribution/schema";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makePayment, makeUser } from "../factories";

const now = new Date("2026-03-10T08:00:00Z");
/** Three rows per instant, so that pages split rows of the same instant. */
const at = (n: number) => new Date(now.getTime() - Math.floor(n / 3) * 1000);
const TOTAL = PAGE_ROWS + 10;
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (let n = 0; n < TOTAL; n++) {
    const id = String(n).padStart(3, "0");
    await makePayment(test.db, { userId: `u${n % 2}`, id: `invoice:in_${id}`, paidAt: at(n) });
    await test.db.insert(stripeEvent).values({
      id: `evt_${id}`,
      type: "x",
      livemode: false,
      payload: {},
      createdAt: at(n),
      receivedAt: at(n),
    });
    await test.db.insert(outbox).values({
      kind: n % 5 === 0 ? "stripe" : "email",
      idempotencyKey: id,
      createdAt: at(n),
      nextAttemptAt: at(n),
      payload: { template: "low-balance", props: { url: "secret" } },
      status: n === 7 ? "dead" : "done",
      attempts: n === 7 ? 8 : 1,
    });
    await test.db.insert(distributionRun).values({
      asOf: at(n),
      startedAt: at(n),
      updatedAt: at(n),
      status: "done",
    });
    await recordAudit(test.db, {
      id: `00000000-0000-4000-8000-000000000${id}`,
      actorId: "boss",
      action: "user.ban",
      targetUserId: `u${n}`,
      reason: "x",
      before: {},
      after: {},
      now: at(n),
    });
  }
});
afterAll(() => test.close());

type Query = Record<string, string>;
type Listing = (reader: Executor, query: Query) => Promise<Page<{ readonly id: string }>>;
const LISTS: readonly [name: string, index: string, list: Listing][] = [
  [
    "listAllPayments",
    "payment_paid_at",
    (db, query) => listAllPayments(db, paymentsQuery.parse(query)),
  ],
  ["listEvents", "stripe_event_recent", (db, query) => listEvents(db, eventsQuery.parse(query))],
  ["listOutbox", "outbox_recent", (db, query) => listOutbox(db, outboxQuery.parse(query))],
  [
    "listRuns",
    "distribution_run_recent",
    (db, query) => listRuns(db, runsQuery.parse({ status: "all", ...query })),
  ],
  ["listAudit", "audit_log_recent", (db, query) => listAudit(db, auditQuery.parse(query))],
];

describe.each(LISTS)("%s", (_name, index, list) => {
  it("pages from newest to oldest and back without gaps or repetitions", async () => {
    const first = await list(test.db, {});
    const second = await list(test.db, { older: first.older ?? "" });
    expect([first.rows.length, second.rows.length]).toEqual([PAGE_ROWS, 10]);
    const ids = [...first.rows, ...second.rows].map((row) => row.id);
    expect(new Set(ids).size).toBe(TOTAL);
    expect([first.newer, second.older]).toEqual([null, null]);
    const back = await list(test.db, { newer: second.newer ?? "" });
    expect(back.rows.map((row) => row.id)).toEqual(ids.slice(0, PAGE_ROWS));
    expect(back.newer).toBeNull();
  });

  it("pages from oldest to newest and back in ascending order", async () => {
    const order = "oldest";
    const newest = await list(test.db, {});
    const rest = await list(test.db, { older: newest.older ?? "" });
    const ids = [...newest.rows, ...rest.rows].map((row) => row.id).reverse();
    const first = await list(test.db, { order });
    const second = await list(test.db, { order, newer: first.newer ?? "" });
    expect([...first.rows, ...second.rows].map((row) => row.id)).toEqual(ids);
    expect([first.older, second.newer]).toEqual([null, null]);
    const back = await list(test.db, { order, older: second.older ?? "" });
    expect(back.rows.map((row) => row.id)).toEqual(ids.slice(0, PAGE_ROWS));
    expect(back.older).toBeNull();
  });

  it("reads its index in both directions without sorting", async () => {
    const { older } = await list(test.db, {});
    const queries = [{}, { older: older ?? "" }, { newer: older ?? "" }];
    for (const query of [...queries, ...queries.map((each) => ({ ...each, order: "oldest" }))]) {
      const plan = await planOf((db) => list(db, query));
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/Sort|Seq Scan/);
    }
  });
});

describe("listUsers", () => {
  it("reads its index in both directions without sorting", async () => {
    const cursor = `2026-03-10T08:00:00.000000Z_x`;
    for (const query of [{}, { older: cursor }, { newer: cursor }, { order: "oldest" }]) {
      const filter = usersQuery.parse(query);
      const plan = await planOf((db) => listUsers(db, { filter, at: now }));
      expect(plan).toContain("user_created_at");
      expect(plan).not.toMatch(/Sort|Seq Scan/);
    }
  });
});

/** The plan of the first query of `work` with sequential and bitmap scans disabled. */
async function planOf(work: (db: Executor) => Promise<unknown>): Promise<string> {
  const client = postgres(test.appUrl, { max: 1, onnotice: () => {} });
  const queries: { query: string; params: unknown[] }[] = [];
  const logger = {
    logQuery: (query: string, params: unknown[]) => void queries.push({ query, params }),
  };
  try {
    await work(drizzle(client, { casing: "snake_case", logger }));
    const [first] = queries;
    if (first === undefined) throw new Error("No query was sent.");
    await client`set enable_seqscan = off`;
    await client`set enable_bitmapscan = off`;
    const params = first.params.map((value) => (typeof value === "number" ? value : String(value)));
    const plan = await client.unsafe(`explain ${first.query}`, params);
    return plan.map((line) => String(line["QUERY PLAN"])).join("\n");
  } finally {
    await client.end();
  }
}

describe("list filters", () => {
  it("listAllPayments finds payments by user and by source with or without its prefix", async () => {
    const idsOf = async (q: string) =>
      (await listAllPayments(test.db, paymentsQuery.parse({ q }))).rows.map((row) => row.id);
    expect(await idsOf("u1")).toHaveLength(17);
    expect(await idsOf("invoice:in_003")).toEqual(["invoice:in_003"]);
    expect(await idsOf("in_003")).toEqual(["invoice:in_003"]);
    expect(await idsOf("in_00")).toEqual([]);
  });

  it("listAllPayments filters by item, currency, day, refunds, disputes and money owed", async () => {
    const other = { userId: "u9", paidAt: new Date("2026-03-08T23:59:59Z") };
    await makePayment(test.db, { ...other, id: "checkout:cs_eur", currency: "eur" });
    await makePayment(test.db, {
      ...other,
      id: "checkout:cs_pack",
      item: "pack-basic",
      refundedCents: 1,
      refusal: "second",
      owedCents: 1,
      paidAt: new Date("2026-03-09T00:00:00Z"),
    });
    await makePayment(test.db, { ...other, id: "checkout:cs_disputed", disputedCents: 990 });
    const idsOf = async (query: Record<string, string>) =>
      (await listAllPayments(test.db, paymentsQuery.parse(query))).rows.map((row) => row.id);
    expect(await idsOf({ item: "pack-basic" })).toEqual(["checkout:cs_pack"]);
    expect(await idsOf({ currency: "eur" })).toEqual(["checkout:cs_eur"]);
    expect(await idsOf({ currency: "eur", item: "pack-basic" })).toEqual([]);
    expect(await idsOf({ item: "none-such" })).toEqual([]);
    expect(await idsOf({ currency: "eur", q: "u9" })).toEqual(["checkout:cs_eur"]);
    expect(await idsOf({ back: "refunded" })).toEqual(["checkout:cs_pack"]);
    expect(await idsOf({ back: "owed" })).toEqual(["checkout:cs_pack"]);
    expect(await idsOf({ back: "disputed" })).toEqual(["checkout:cs_disputed"]);
    expect(await idsOf({ back: "disputed", item: "pack-basic" })).toEqual([]);
    expect(await idsOf({ back: "none", q: "u9" })).toEqual(["checkout:cs_eur"]);
    expect(await idsOf({ back: "none", currency: "eur" })).toEqual(["checkout:cs_eur"]);
    expect(await idsOf({ to: "2026-03-08" })).toEqual(["checkout:cs_disputed", "checkout:cs_eur"]);
    expect(await idsOf({ from: "2026-03-09", to: "2026-03-09" })).toEqual(["checkout:cs_pack"]);
    expect(await idsOf({ item: "pack-basic", to: "2026-03-08" })).toEqual([]);
    await test.ownerSql`delete from payment where user_id = 'u9'`;
  });

  it("listAllPayments pages within one item as it does within all", async () => {
    const all: string[] = [];
    for (let query: Query | null = { item: "pro-monthly" }; query !== null; ) {
      const page = await listAllPayments(test.db, paymentsQuery.parse(query));
      all.push(...page.rows.map((row) => row.id));
      query = page.older === null ? null : { item: "pro-monthly", older: page.older };
    }
    const every: string[] = [];
    for (const query of [
      {},
      { older: (await listAllPayments(test.db, paymentsQuery.parse({}))).older ?? "" },
    ])
      every.push(
        ...(await listAllPayments(test.db, paymentsQuery.parse(query))).rows.map((row) => row.id),
      );
    expect(all).toEqual(every);
  });

  it("listAudit filters by action", async () => {
    const count = async (action: string) =>
      (await listAudit(test.db, auditQuery.parse({ action }))).rows.length;
    expect(await count("user.ban")).toBe(PAGE_ROWS);
    expect(await count("user.unban")).toBe(0);
    expect(await count("nonsense")).toBe(PAGE_ROWS);
  });

  it("listAudit finds entries by target, actor and id", async () => {
    const count = async (q: string) =>
      (await listAudit(test.db, auditQuery.parse({ q }))).rows.length;
    expect(await count("u3")).toBe(1);
    expect(await count("boss")).toBe(PAGE_ROWS);
    expect(await count("00000000-0000-4000-8000-000000000003")).toBe(1);
    expect(await count("nobody")).toBe(0);
  });

  it("listOutbox finds entries by kind, status and key, and never returns a payload", async () => {
    const { rows } = await listOutbox(test.db, outboxQuery.parse({ status: "dead" }));
    expect(rows).toMatchObject([{ idempotencyKey: "007", what: "low-balance", kind: "email" }]);
    expect(JSON.stringify(rows)).not.toContain("secret");
    const calls = await listOutbox(test.db, outboxQuery.parse({ kind: "stripe", q: "010" }));
    expect(calls.rows).toHaveLength(1);
  });
});

describe("listRuns, readLatestRun and readRunProgress", () => {
  it("return the newest run first and the schedules still due for the latest", async () => {
    const list = async (query: Query) => listRuns(test.db, runsQuery.parse(query));
    expect((await list({ status: "all" })).rows[0]?.startedAt).toEqual(now);
    expect((await list({ status: "running" })).rows).toEqual([]);
    await makeUser(test.db, { id: "due", createdAt: new Date("2026-01-01") });
    const later = new Date("2026-03-11T08:00:00Z");
    await test.db
      .insert(distributionRun)
      .values({ asOf: later, startedAt: later, updatedAt: later });
    const latest = await readLatestRun(test.db);
    expect(latest).toMatchObject({ status: "running", startedAt: later });
    expect((await list({ status: "running" })).rows.map((row) => row.id)).toEqual([latest?.id]);
    expect((await list({ status: "done" })).rows[0]?.startedAt).toEqual(now);
    // All but the running one found nothing to do.
    expect((await list({})).rows.map((row) => row.id)).toEqual([latest?.id]);
    expect(await readRunProgress(test.db, latest?.id ?? "")).toMatchObject({
      run: latest,
      schedulesLeft: 1,
    });
    expect(await readRunProgress(test.db, randomUUID())).toBeNull();
  });
});

describe("paymentPages", () => {
  const idsIn = async (query: Query) => {
    const ids: unknown[] = [];
    for await (const page of paymentPages(test.db, paymentsQuery.parse(query)))
      ids.push(...page.map(([, id]) => id));
    return ids;
  };

  it("exports every payment once, in the list's order, from any page", async () => {
    const ids = await idsIn({});
    expect(ids).toHaveLength(TOTAL);
    expect(new Set(ids).size).toBe(TOTAL);
    expect(await idsIn({ order: "oldest" })).toEqual(ids.toReversed());
    expect(await idsIn({ older: `${now.toISOString().slice(0, -1)}000Z_x` })).toEqual(ids);
  });

  it("exports the payments that match the filters", async () => {
    expect(await idsIn({ item: "pack-basic" })).toEqual([]);
    expect(await idsIn({ q: "u1" })).toHaveLength(17);
  });
});
