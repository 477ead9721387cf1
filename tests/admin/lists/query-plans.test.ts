import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditQuery, listAudit } from "@/admin/audit";
import { listRuns, runsQuery } from "@/admin/distribution/runs";
import { eventsQuery, listEvents } from "@/admin/events/events";
import { listOutbox, outboxQuery } from "@/admin/outbox";
import { listAllPayments, listPaymentKinds, paymentsQuery } from "@/admin/payments";
import { readQueues } from "@/admin/reports/overview";
import { readRevenue, readSales } from "@/admin/reports/sales";
import { searchConsole } from "@/admin/search";
import { listUsers, usersQuery } from "@/admin/users/list-users";
import type { Executor } from "@/db/client";
import { createTestDatabase, type TestDatabase } from "../../support/database";

/** Enough rows for Postgres to prefer an index. Most searches match one row in a thousand. */
const ROWS = 20_000;
const now = new Date("2026-03-10T08:00:00Z");
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  const sql = test.ownerSql;
  const rows = sql`(select n, ${now}::timestamptz - n * interval '1 minute' as at
    from generate_series(1, ${ROWS}::int) n) r`;
  await sql`insert into "user" (id, name, email, created_at, role, banned, deleted_at)
    select 'u' || n, case when n % 1000 = 0 then '李清照' else 'Name ' || md5(n::text) end,
      md5('m' || n) || '@people.example', at, case when n % 1000 = 0 then 'admin' else 'user' end,
      n % 1000 = 1, case when n % 1000 = 2 then at end from ${rows}`;
  await sql`insert into credit_account (user_id, as_of, frozen_at)
    select 'u' || n, at, case when n % 1000 = 3 then at end from ${rows}`;
  await sql`insert into payment (user_id, id, item, price_id, amount_cents, currency, credits, paid_at,
      payment_intent_id, subscription_id, member_from_at, member_until_at, refunded_cents, disputed_cents,
      refusal, owed_cents)
    select 'u' || n, 'invoice:in_' || n, case when n % 1000 = 5 then 'lifetime' else 'pro-monthly' end, 'p', 990,
      case when n % 1000 = 6 then 'eur' else 'usd' end, 1000, at - n * interval '9 minutes', 'pi_' || n, 'sub_' || n,
      at, case when n % 500 = 0 then at + interval '30 days' end,
      case when n % 1000 = 7 then 990 else 0 end, case when n % 1000 = 8 then 990 else 0 end,
      case when n % 1000 = 9 then 'second' end, case when n % 1000 = 9 then 990 else 0 end from ${rows}`;
  await sql`insert into subscription (id, user_id, customer_id, price_id, plan, status, created_at, fetched_at)
    select 'sub_' || n, 'u' || n, 'cus_' || n, 'p', 'pro-monthly', 'active', at, at from ${rows}`;
  await sql`insert into stripe_event (id, type, livemode, payload, object_id, user_id, status, created_at,
      received_at, next_attempt_at)
    select 'evt_' || n, case when n % 1000 = 0 then 'charge.refunded' else 'invoice.paid' end, false, '{}',
      'obj_' || n, 'u' || n, (case n % 1000 when 0 then 'ignored' when 1 then 'dead' when 2 then 'pending'
      else 'handled' end)::stripe_event_status, at, at, at from ${rows}`;
  await sql`insert into outbox (kind, idempotency_key, user_id, payload, status, created_at, next_attempt_at)
    select (case when n % 1000 < 2 then 'stripe' when n % 1000 = 2 then 'alert' else 'email' end)::outbox_kind, 'k' || n, 'u' || n, '{}',
      (case when n % 1000 = 1 then 'dead' when n < 3000 then 'pending' else 'done' end)::outbox_status,
      at, at from ${rows}`;
  await sql`insert into audit_log (id, actor_id, action, target_user_id, created_at)
    select gen_random_uuid(), 'boss' || n % 2000, case when n % 1000 = 0 then 'user.ban' else 'credits.adjust' end, 'u' || n, at from ${rows}`;
  await sql`insert into audit_result (audit_id, facts) select id, '{"status": "done"}' from audit_log`;
  await sql`insert into distribution_run (status, as_of, users_count, started_at, updated_at)
    select 'done', at, case when n % 1000 = 0 then 1 else 0 end, at, at from ${rows}`;
  await sql`vacuum analyze`;
});
afterAll(() => test.close());

const users = (query: Record<string, string>) => (db: Executor) =>
  listUsers(db, { filter: usersQuery.parse(query), at: now });
const payments = (query: Record<string, string>) => (db: Executor) =>
  listAllPayments(db, paymentsQuery.parse(query));
const events = (query: Record<string, string>) => (db: Executor) =>
  listEvents(db, eventsQuery.parse(query));
const emails = (query: Record<string, string>) => (db: Executor) =>
  listOutbox(db, outboxQuery.parse(query));
const audit = (query: Record<string, string>) => (db: Executor) =>
  listAudit(db, auditQuery.parse(query));
const runs = (query: Record<string, string>) => (db: Executor) =>
  listRuns(db, runsQuery.parse(query));
const search = (q: string) => (db: Executor) => searchConsole(db, { q, at: now });
const uuid = "00000000-0000-4000-8000-000000000000";

const READS: readonly [name: string, index: string, read: (db: Executor) => Promise<unknown>][] = [
  ["users by part of a name", "user_search", users({ q: "abcde" })],
  ["users by two letters", "user_email_start", users({ q: "~q" })],
  ["users by Chinese characters", "user_name_characters", users({ q: "清照" })],
  ["users by id", "user_pkey", users({ q: "u77" })],
  ["users by Stripe customer", "user_stripe_customer_unique", users({ q: "cus_1" })],
  ["admins", "user_admins", users({ role: "admin" })],
  ["users who are not admins", "user_created_at", users({ role: "user" })],
  ["banned users", "user_banned", users({ state: "banned" })],
  ["deleted users", "user_deleted", users({ state: "deleted" })],
  ["frozen users", "credit_account_frozen", users({ state: "frozen" })],
  ["paid members", "payment_member", users({ paid: "paid" })],
  ["free users", "user_created_at", users({ paid: "free" })],
  ["payments by user", "payment_recent", payments({ q: "u7" })],
  ["payments by source", "payment_id_unique", payments({ q: "in_7" })],
  ["payments by intent", "payment_intent", payments({ q: "pi_7" })],
  ["payments by subscription", "payment_subscription", payments({ q: "sub_7" })],
  ["refunded payments", "payment_refunded", payments({ back: "refunded" })],
  ["disputed payments", "payment_disputed", payments({ back: "disputed" })],
  ["payments for which money is owed", "payment_owed", payments({ back: "owed" })],
  ["payments without refunds or disputes", "payment_paid_at", payments({ back: "none" })],
  ["payments of one day", "payment_paid_at", payments({ from: "2026-03-01", to: "2026-03-01" })],
  ["payments ordered from the oldest", "payment_paid_at", payments({ order: "oldest" })],
  ["payment kinds", "payment_kind", listPaymentKinds],
  ["payments of an item", "payment_kind", payments({ item: "lifetime" })],
  ["payments in a currency", "payment_kind", payments({ currency: "eur" })],
  ["events by id", "stripe_event_pkey", events({ q: "evt_7" })],
  ["events by object", "stripe_event_object", events({ q: "obj_7" })],
  ["events by user", "stripe_event_user", events({ q: "u7" })],
  ["events by type", "stripe_event_type", events({ type: "charge.refunded" })],
  ["pending events", "stripe_event_(due|waiting)", events({ status: "pending" })],
  ["handled events", "stripe_event_recent", events({ status: "handled" })],
  ["ignored events", "stripe_event_set_aside", events({ status: "ignored" })],
  ["closed events", "stripe_event_set_aside", events({ status: "closed" })],
  ["dead events", "stripe_event_dead", events({ status: "dead" })],
  ["the outbox by user", "outbox_user", emails({ q: "u7" })],
  ["the outbox by key", "outbox_idempotencyKey_unique", emails({ q: "k7" })],
  ["calls to Stripe", "outbox_no_email", emails({ kind: "stripe" })],
  ["alerts", "outbox_no_email", emails({ kind: "alert" })],
  ["emails", "outbox_recent", emails({ kind: "email" })],
  ["pending outbox entries", "outbox_pending", emails({ status: "pending" })],
  ["pending emails", "outbox_pending", emails({ status: "pending", kind: "email" })],
  ["dead outbox entries", "outbox_given_up", emails({ status: "dead" })],
  ["closed outbox entries", "outbox_given_up", emails({ status: "closed" })],
  ["completed outbox entries", "outbox_recent", emails({ status: "done" })],
  ["audit entries by admin", "audit_log_actor", audit({ q: "boss7" })],
  ["audit entries by user", "audit_log_target", audit({ q: "u7" })],
  ["audit entries by action", "audit_log_action", audit({ action: "user.ban" })],
  ["audit entries by id", "audit_log_pkey", audit({ q: uuid })],
  ["the search by email", "user_search", search("m77@people")],
  ["the search by session", "payment_id_unique", search("cs_77")],
  ["the search by subscription", "payment_subscription", search("sub_77")],
  ["the search by event", "stripe_event_pkey", search("evt_77")],
  ["the search by run", "distribution_run_pkey", search(uuid)],
  ["the search by two characters", "user_email_start", search("u7")],
  ["runs with an effect", "distribution_run_effect", runs({})],
  ["every run", "distribution_run_recent", runs({ status: "all" })],
  [
    "the sales report",
    "Index Only Scan using payment_kind",
    (db) => readSales(db, { at: now, months: 1 }),
  ],
  [
    "the revenue of the overview",
    "Index Only Scan using payment_kind",
    (db) => readRevenue(db, { from: new Date("2026-03-09"), to: now }),
  ],
  ["the count of dead events", "stripe_event_dead", readQueues],
];

describe("query plans", () => {
  it.each(READS)("use an index for %s: %s", async (_, index, read) => {
    const plan = await planOf(read);
    expect(plan).toMatch(new RegExp(index));
    expect(plan).not.toContain("Seq Scan");
  });

  it("depend on the search term of listUsers, even in a generic plan", async () => {
    const genericPlan = (q: string) => planOf(users({ q }), { isGeneric: true });
    expect(await genericPlan("Name")).toContain("user_created_at");
    expect(await genericPlan("abcde")).toContain("user_search");
    expect(await genericPlan("清照")).toContain("user_name_characters");
    for (const q of ['\'); drop table "user" --', "\u{1f600}%_\\", "\ud800é"])
      expect(await genericPlan(q), q).not.toContain("Seq Scan");
  });
});

/** The plans of the queries of `work`; with `isGeneric`, the generic plan of the first one. */
async function planOf(
  work: (db: Executor) => Promise<unknown>,
  { isGeneric = false } = {},
): Promise<string> {
  const client = postgres(test.appUrl, { max: 1, onnotice: () => {} });
  const queries: { query: string; params: unknown[] }[] = [];
  const logger = {
    logQuery: (query: string, params: unknown[]) => void queries.push({ query, params }),
  };
  try {
    await work(drizzle(client, { casing: "snake_case", logger }));
    expect(queries).not.toEqual([]);
    if (isGeneric) queries.splice(1);
    const plans: string[] = [];
    for (const { query, params } of queries) {
      const values = params.map((value) =>
        typeof value === "number" || Array.isArray(value) ? value : String(value),
      );
      const plan = isGeneric
        ? await explainGeneric(client, query, params.length)
        : await client.unsafe(`explain ${query}`, values);
      plans.push(...plan.map((line) => String(line["QUERY PLAN"])));
    }
    return plans.join("\n");
  } finally {
    await client.end();
  }
}

/** Like `explain (generic_plan)`, which Postgres 15 does not have. */
async function explainGeneric(client: postgres.Sql, query: string, parameters: number) {
  await client`set plan_cache_mode = force_generic_plan`;
  await client.unsafe(`prepare generic as ${query}`);
  const nulls = Array.from({ length: parameters }, () => "null").join(", ");
  return client.unsafe(`explain execute generic (${nulls})`);
}
