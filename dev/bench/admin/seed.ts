import { millisecondsInDay } from "date-fns/constants";
import type postgres from "postgres";
import { withoutIndexes } from "../without-indexes";

export interface Size {
  readonly users: number;
  /** Ledger rows per user. */
  readonly rows: number;
}

export const NOW = new Date("2026-03-01T12:00:00Z");
/** A user with 100,000 ledger rows. */
export const HEAVY_USER = "heavy";
/** A user with one lot that was drawn on 100,000 times. */
export const DEEP_USER = "deep";
const HEAVY_ROWS = 100_000;
/** Three years ago. */
const BEGAN = new Date(NOW.getTime() - 1096 * millisecondsInDay);

/** An item that is hardly ever bought, and an action that is hardly ever taken. */
export const RARE_ITEM = "lifetime";
export const RARE_ACTION = "event.close";

/** The id of an event about a payment of the user. */
export const eventOf = (userId: string) => `evt_of_${userId}`;

export const userOf = (n: number) => `user_${String(n).padStart(9, "0")}`;

/**
 * Seeds three years of a site with balanced books. Every user has a pack that never expires and a free
 * month and spends one credit at a time; rows lie in booking order. One user in 33 has credits that
 * expired today and are not booked yet, and as many are due for their next month. One in ten has paid.
 */
export async function seedSite(sql: postgres.Sql, size: Size): Promise<void> {
  await sql`set synchronous_commit = off`;
  await sql`set maintenance_work_mem = '512MB'`;
  const tables = [
    "user",
    "session",
    "credit_account",
    "credit_transaction",
    "credit_lot",
    "credit_allocation",
    "credit_schedule",
    "credit_hold",
    "payment",
    "stripe_event",
    "outbox",
    "audit_log",
    "audit_result",
    "notification",
    "distribution_run",
    "outstanding_count",
  ];
  // The key of "user" stays, because sessions refer to it.
  const bulk = tables.filter((table) => table !== "user");
  await withoutIndexes(
    sql,
    bulk.filter((table) => table !== "outstanding_count"),
    async () => {
      await withoutIndexes(sql, ["user"], () => seedPeople(sql, size));
      await seedLedger(sql, size);
      await seedMoney(sql, size);
      await seedQueues(sql, size);
      await seedHeavyUser(sql);
      await seedDeepUser(sql);
      await seedEventsOf(sql, size);
    },
    { keys: true },
  );
  await sql.unsafe(`vacuum analyze`);
}

/** Every nth user, with number and id. */
function people(sql: postgres.Sql, { users }: Size, every = 1) {
  return sql`(select n, 'user_' || lpad(n::text, 9, '0') as id
    from generate_series(${every}::int, ${users}::int, ${every}::int) n) p`;
}

/** The instant of the nth of `of` rows, spread evenly over the three years. */
function spread(sql: postgres.Sql, of: number) {
  return sql`${BEGAN}::timestamptz + n * ${(NOW.getTime() - BEGAN.getTime()) / of}::float8 * interval '1 millisecond'`;
}

async function seedPeople(sql: postgres.Sql, size: Size): Promise<void> {
  const { users } = size;
  await sql`insert into "user" (id, name, email, created_at, role, banned, deleted_at)
    select id, case n % 20 when 0 then chr(19968 + (n / 20) % 5000) || chr(19968 + (n / 100000) % 5000) || '明'
        else initcap(translate(md5(n::text), '0123456789', 'ghijklmnop')) end,
      translate(md5('m' || n), '0123456789', 'qrstuvwxyz') || '@people.example', ${spread(sql, users)},
      case when n % 100000 = 1 then 'admin' else 'user' end, n % 5000 = 2,
      case when n % 1000 = 3 then ${NOW}::timestamptz end
    from ${people(sql, size)}`;
  await sql`insert into session (id, token, user_id, expires_at, created_at, updated_at)
    select 's' || n, 't' || n, id, ${NOW}::timestamptz + interval '7 days', ${NOW}, ${NOW}
    from ${people(sql, size, 5)}`;
  await sql`insert into notification (user_id, kind, key, facts, created_at)
    select id, 'low-balance', 'k' || n, '{"available": 1, "cost": 10}', ${spread(sql, users)}
    from ${people(sql, size, 5)}`;
  await sql`insert into credit_schedule (user_id, id, kind, credits, anchor_at, next_n, next_due_at)
    select id, 'signup', 'free', 50, ${BEGAN}, 36,
      ${NOW}::timestamptz + (n % 720 - case when n % 33 = 0 then 721 else 0 end) * interval '1 hour'
    from ${people(sql, size)}`;
  await sql`insert into distribution_failure (user_id, run_id, stage, error, since_at, failed_at)
    select id, gen_random_uuid(), 'grant', 'a check constraint', ${spread(sql, users)}, ${NOW}
    from ${people(sql, size, 9900)}`;
}

async function seedLedger(sql: postgres.Sql, size: Size): Promise<void> {
  const { users, rows } = size;
  const spent = rows - 2;
  // A hold reserves ten credits of the pack; one hold in ten has lapsed.
  const held = sql`case when n % 200 = 0 then 10 else 0 end`;
  await sql`insert into credit_account
      (user_id, balance, held, version, last_allocation, as_of, opened_at, frozen_at)
    select id, 1050 - ${spent}::int - ${held}, ${held}, ${rows}, 1, ${BEGAN}, ${BEGAN},
      case when n % 10000 = 4 then ${NOW}::timestamptz end from ${people(sql, size)}`;
  await sql`insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at)
    select id, 1, 'PURCHASE_PACKAGE', 'checkout:' || id, 1000, 1000 - ${spent}::int - ${held}, true, ${BEGAN}
    from ${people(sql, size)}`;
  // In order of expiry, because one day's run grants together what expires together.
  await sql`insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at)
    select id, 2, 'MONTHLY_REFRESH', 'signup', 50, 50, false, ${BEGAN}, ${NOW}::timestamptz + left_hours * interval '1 hour'
    from (select id, n, case when n % 33 = 0 then -(n % 24) else n % 720 + 1 end as left_hours from ${people(sql, size)}) lots
    order by left_hours, n`;
  await sql`insert into credit_hold (user_id, key, amount, source, held_at, expires_at)
    select id, 'reading:hold', 10, 'reading', ${BEGAN},
      ${NOW}::timestamptz + case when n % 2000 = 0 then -1 else 1 end * interval '10 minutes'
    from ${people(sql, size, 200)}`;
  await sql`insert into credit_allocation (user_id, number, lot_seq, amount, hold_key, from_at, to_at)
    select id, 1, 1, 10, 'reading:hold', ${BEGAN}, ${NOW}::timestamptz + interval '10 minutes'
    from ${people(sql, size, 200)}`;
  const stepMs = (NOW.getTime() - BEGAN.getTime()) / rows;
  for (let seq = 1; seq <= rows; seq++) {
    const from = new Date(BEGAN.getTime() + (seq - 1) * stepMs);
    await sql`insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
        idempotency_key, source, booked_at, effective_at)
      select id, ${seq}::int,
        (case ${seq}::int when 1 then 'PURCHASE_PACKAGE' when 2 then 'MONTHLY_REFRESH' else 'USAGE' end)::credit_type,
        (case when ${seq}::int <= 2 then 'grant' else 'spend' end)::credit_operation,
        case ${seq}::int when 1 then 1000 when 2 then 50 else -1 end,
        case ${seq}::int when 1 then 1000 else 1052 - ${seq}::int end,
        'bench:' || ${seq}::int, 'checkout:' || id, at, at
      from (select id, ${from}::timestamptz + n * ${stepMs / users}::float8 * interval '1 millisecond' as at
        from ${people(sql, size)}) t`;
  }
}

/** Three payments for every tenth user: a month, a year or a pack, some refunded, some disputed. */
async function seedMoney(sql: postgres.Sql, size: Size): Promise<void> {
  await sql`insert into payment (user_id, id, item, price_id, amount_cents, currency, credits, refunded_cents,
      disputed_cents, payment_intent_id, subscription_id, paid_at, member_from_at, member_until_at)
    select id, 'invoice:in_' || n || '_' || nth, item, 'price', 990,
      case when n % 70 = 0 then 'eur' else 'usd' end, 1000, case when n % 50 = 0 then 990 else 0 end,
      case when n % 50 = 10 then 990 else 0 end, 'pi_' || n || '_' || nth, 'sub_' || n, paid_at,
      case when item like 'pro-%' then paid_at end,
      case item when 'pro-monthly' then paid_at + interval '1 month' when 'pro-yearly' then paid_at + interval '1 year' end
    from (
      select id, n, nth, case when n % 25000 = 0 and nth = 1 then ${RARE_ITEM}
          else (array['pro-monthly', 'pro-yearly', 'pack-basic', 'pack-standard'])[1 + (n / 10 + nth) % 4] end as item,
        -- Anywhere between the sign-up and now.
        ${NOW}::timestamptz - (${NOW}::timestamptz - (${spread(sql, size.users)})) * ((n::bigint * 7919 + nth * 104729) % 1000 / 1000.0) as paid_at
      from ${people(sql, size, 10)}, generate_series(1, 3) nth
      order by paid_at) t`;
}

/** As many events and emails as users, with a backlog of emails. */
async function seedQueues(sql: postgres.Sql, size: Size): Promise<void> {
  const at = spread(sql, size.users);
  await sql`insert into stripe_event (id, type, livemode, payload, object_id, user_id, status, created_at,
      received_at, next_attempt_at)
    select 'evt_' || n, case when n % 100 = 0 then 'charge.dispute.created' else 'invoice.paid' end, false,
      '{"object": "event"}', 'in_' || n, id,
      (case when n % 5000 = 0 then 'dead' when n % 5000 = 1 then 'ignored' when n > ${size.users}::int - 50 then 'pending'
        else 'handled' end)::stripe_event_status, ${at}, ${at}, ${at}
    from ${people(sql, size)}`;
  await sql`insert into outbox (kind, idempotency_key, user_id, payload, status, created_at, next_attempt_at)
    select (case when n % 100 = 0 then 'stripe' else 'email' end)::outbox_kind, 'key:' || n, id,
      '{"template": "low-balance"}',
      (case when n % 10000 = 0 then 'dead' when n > ${size.users}::int - 20000 then 'pending' else 'done' end)::outbox_status,
      ${at}, ${at}
    from ${people(sql, size)}`;
  await sql`insert into audit_log (id, actor_id, action, target_user_id, reason, before, after, created_at)
    select gen_random_uuid(), 'user_' || lpad((1 + n % 20)::text, 9, '0'),
      case when n % 50000 = 0 then ${RARE_ACTION} else 'credits.adjust' end, id, 'a reason', '{}', '{}', ${at}
    from ${people(sql, size, 5)}`;
  await sql`insert into audit_result (audit_id, facts)
    select id, '{"status": "done"}' from audit_log where action = ${RARE_ACTION}`;
  await sql`insert into distribution_run (status, as_of, started_at, updated_at, finished_at)
    select 'done', at, at, at, at
    from generate_series(${BEGAN}::timestamptz, ${NOW}::timestamptz, interval '1 day') at`;
  await sql`insert into reconciliation (started_at, finished_at)
    select at, at from generate_series(${BEGAN}::timestamptz, ${NOW}::timestamptz, interval '1 day') at`;
  await sql`insert into outstanding_count (counted_at, available, held, debt)
    select at, 1000, 0, 0 from generate_series(${BEGAN}::timestamptz, ${NOW}::timestamptz - interval '1 day', interval '1 day') at`;
}

/**
 * One user with 100,000 rows, and many of everything else: each pack of 1000 credits is followed by 100
 * spends of ten. The last pack is untouched.
 */
async function seedHeavyUser(sql: postgres.Sql): Promise<void> {
  const packs = Math.floor(HEAVY_ROWS / 101);
  const rows = packs * 101 + 1;
  await sql`insert into "user" (id, name, email, created_at)
    values (${HEAVY_USER}, 'Heavy User', 'heavy@people.example', ${BEGAN})`;
  await sql`insert into credit_account (user_id, balance, version, last_allocation, as_of, opened_at)
    values (${HEAVY_USER}, 1000, ${rows}, ${rows}, ${NOW}, ${BEGAN})`;
  const each = sql`(select n, (n - 1) % 101 as spends, ${spread(sql, rows)} as at
    from generate_series(1, ${rows}::int) n) t`;
  await sql`insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at)
    select ${HEAVY_USER}, n, 'PURCHASE_PACKAGE', 'checkout:h' || n, 1000,
      case when n = ${rows}::int then 1000 else 0 end, true, at
    from ${each} where spends = 0`;
  await sql`insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
      idempotency_key, source, booked_at, effective_at)
    select ${HEAVY_USER}, n, (case spends when 0 then 'PURCHASE_PACKAGE' else 'USAGE' end)::credit_type,
      (case spends when 0 then 'grant' else 'spend' end)::credit_operation,
      case spends when 0 then 1000 else -10 end, 1000 - 10 * spends, 'key:' || n, 'source:' || n, at, at
    from ${each}`;
  await sql`insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
    select ${HEAVY_USER}, n, n - spends, 10, n, at, 'infinity' from ${each} where spends > 0`;
  const many = sql`generate_series(1, 1000) n`;
  await sql`insert into payment (user_id, id, item, price_id, amount_cents, currency, credits, paid_at)
    select ${HEAVY_USER}, 'checkout:h' || n, 'pack-basic', 'price', 990, 'usd', 100, ${spread(sql, 1000)} from ${many}`;
  await sql`insert into outbox (kind, idempotency_key, user_id, payload, status, created_at, next_attempt_at)
    select 'email', 'heavy:' || n, ${HEAVY_USER}, '{}', 'done', ${spread(sql, 1000)}, ${NOW} from ${many}`;
  await sql`insert into notification (user_id, kind, key, facts, created_at)
    select ${HEAVY_USER}, 'low-balance', 'h' || n, '{"available": 1, "cost": 10}', ${spread(sql, 1000)} from ${many}`;
  await sql`insert into session (id, token, user_id, expires_at, created_at, updated_at)
    select 'h' || n, 'h' || n, ${HEAVY_USER}, 'infinity', ${NOW}, ${NOW} from generate_series(1, 50) n`;
}

/** One pack of 200,000 credits, of which 100,000 were spent one at a time. */
async function seedDeepUser(sql: postgres.Sql): Promise<void> {
  const bought = 2 * HEAVY_ROWS;
  await sql`insert into "user" (id, name, email, created_at)
    values (${DEEP_USER}, 'Deep User', 'deep@people.example', ${BEGAN})`;
  await sql`insert into credit_account (user_id, balance, version, last_allocation, as_of, opened_at)
    values (${DEEP_USER}, ${HEAVY_ROWS}, ${HEAVY_ROWS + 1}, ${HEAVY_ROWS + 1}, ${NOW}, ${BEGAN})`;
  await sql`insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at)
    values (${DEEP_USER}, 1, 'PURCHASE_PACKAGE', 'checkout:deep', ${bought}, ${HEAVY_ROWS}, true, ${BEGAN})`;
  const each = sql`(select n, ${spread(sql, HEAVY_ROWS + 1)} as at
    from generate_series(1, ${HEAVY_ROWS + 1}::int) n) t`;
  await sql`insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
      idempotency_key, source, booked_at, effective_at)
    select ${DEEP_USER}, n, (case n when 1 then 'PURCHASE_PACKAGE' else 'USAGE' end)::credit_type,
      (case n when 1 then 'grant' else 'spend' end)::credit_operation,
      case n when 1 then ${bought}::int else -1 end, ${bought + 1}::int - n, 'key:' || n, 'source:' || n, at, at
    from ${each}`;
  await sql`insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
    select ${DEEP_USER}, n, 1, 1, n, at, 'infinity' from ${each} where n > 1`;
}

/** The latest event of a user who paid by invoice, and of the heavy user. */
async function seedEventsOf(sql: postgres.Sql, { users }: Size): Promise<void> {
  const n = Math.ceil(users / 20) * 10;
  const about = [
    { userId: userOf(n), type: "invoice.paid", id: `in_${n}_1` },
    { userId: HEAVY_USER, type: "checkout.session.completed", id: "h1" },
  ];
  for (const { userId, type, id } of about)
    await sql`insert into stripe_event (id, type, livemode, payload, object_id, user_id, status, created_at, received_at)
      values (${eventOf(userId)}, ${type}, false, ${sql.json({ data: { object: { id } } })}, ${id}, ${userId},
        'handled', ${NOW}, ${NOW})`;
}
