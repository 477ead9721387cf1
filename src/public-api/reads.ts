import { addDays, differenceInCalendarDays } from "date-fns";
import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { LimitState } from "@/ledger/call-ledger";
import { readSpendLimits } from "@/ledger/limits";
import { getBalance, listLots } from "@/ledger/reads/balance";
import { firstSeqFrom, searchLedger } from "@/ledger/reads/search";
import { costOf } from "./cost";
import { InvalidRequest } from "./errors";
import type { Call } from "./operation";
import type * as schemas from "./schemas";

const MAX_DAYS = 92;
const PAGE_SIZE = 50;

type Result<Schema extends z.ZodType> = Promise<z.input<Schema>>;

/** The balance now or as of an instant, with the lots on request. */
export async function readBalance(
  { db, caller, userId, now }: Call,
  { at, lots }: z.output<typeof schemas.balanceQuery>,
): Result<typeof schemas.balance> {
  const when = at === undefined ? { now } : { at: new Date(at) };
  const { available, held, debt, frozen } = await getBalance(db, { userId, ...when });
  const open = lots ? await listLots(db, { userId, ...when }) : null;
  const [limit] = await readSpendLimits(db, { userId, serviceId: caller.serviceId, now });
  return {
    user: userId,
    available,
    held,
    debt,
    frozen,
    ...(open && {
      lots: open.map(({ seq, type, available: left, expiresAt }) => ({
        number: seq,
        type,
        available: left,
        expires_at: expiresAt?.toISOString() ?? null,
      })),
    }),
    limit: limitOf(limit),
  };
}

/** Whether a spend would succeed now. Not a guarantee: only a hold reserves credits. */
export async function checkSpend(
  { db, caller, userId, now }: Call,
  body: z.output<typeof schemas.checkBody>,
): Result<typeof schemas.check> {
  const { amount: required } = costOf(body, { estimate: true });
  const { available, frozen } = await getBalance(db, { userId, now });
  const limits = await readSpendLimits(db, { userId, serviceId: caller.serviceId, now });
  const isOverLimit = limits.some(({ isHard, remaining }) => isHard && remaining < required);
  const reason = frozen
    ? "account_frozen"
    : available < required
      ? "insufficient_credits"
      : isOverLimit
        ? "spend_limit_exceeded"
        : null;
  return { allowed: reason === null, reason, required, available, limit: limitOf(limits[0]) };
}

/**
 * What a user spent by day (UTC), feature and service, with the units used and what could not be charged.
 * A refund counts on the day it is booked.
 */
export async function readUsage(
  { db, userId }: Call,
  { from, to }: z.output<typeof schemas.usageQuery>,
): Result<typeof schemas.usage> {
  const first = new Date(`${from}T00:00:00Z`);
  const last = new Date(`${to}T00:00:00Z`);
  const days = differenceInCalendarDays(last, first) + 1;
  if (days < 1 || days > MAX_DAYS) {
    throw new InvalidRequest(`Ask for 1 to ${MAX_DAYS} days.`, { field: "to" });
  }
  const end = addDays(last, 1);
  const rows = await db.execute<{
    day: string;
    feature: string | null;
    service: string | null;
    spent: string;
    refunded: string;
    spends: string;
    units: Record<string, number> | null;
    unbilled: string;
  }>(sql`
    with entry as (
      select to_char(booked_at at time zone 'UTC', 'YYYY-MM-DD') as day, feature, service_id as service,
        amount, usage -> 'units' as units, 0 as unbilled
      from credit_transaction
      where user_id = ${userId} and type in ('USAGE', 'USAGE_REFUND')
        and seq >= ${firstSeqFrom(userId, first)} and seq < ${firstSeqFrom(userId, end)}
      union all
      select to_char("at" at time zone 'UTC', 'YYYY-MM-DD'), feature, service_id,
        0, case when capture_seq is null then usage -> 'units' end, amount
      from credit_unbilled
      where user_id = ${userId} and "at" >= ${first.toISOString()}::timestamptz
        and "at" < ${end.toISOString()}::timestamptz
    ), used as (
      select day, feature, service, jsonb_object_agg(unit, quantity) as units
      from (
        select day, feature, service, u.key as unit, sum(u.value::numeric) as quantity
        from entry cross join lateral jsonb_each_text(units) u group by 1, 2, 3, 4) per_unit
      group by 1, 2, 3
    )
    select e.day, e.feature, e.service,
      coalesce(-sum(e.amount) filter (where e.amount < 0), 0) as spent,
      coalesce(sum(e.amount) filter (where e.amount > 0), 0) as refunded,
      count(*) filter (where e.amount < 0) as spends,
      (select u.units from used u
        where (u.day, u.feature, u.service) is not distinct from (e.day, e.feature, e.service)) as units,
      sum(e.unbilled) as unbilled
    from entry e
    group by 1, 2, 3 order by 1, 2 nulls first, 3 nulls first`);
  return {
    user: userId,
    usage: rows.map(({ spent, refunded, spends, units, unbilled, ...row }) => ({
      ...row,
      spent: Number(spent),
      refunded: Number(refunded),
      spends: Number(spends),
      units: units ?? {},
      unbilled: Number(unbilled),
    })),
  };
}

/** One page of the ledger, newest first. The first page begins with expiries not booked yet. */
export async function listTransactions(
  { db, caller, userId, now }: Call,
  { before, limit = PAGE_SIZE }: z.output<typeof schemas.transactionsQuery>,
): Result<typeof schemas.transactions> {
  const page = await searchLedger(db, {
    userId,
    now,
    filter: {},
    limit,
    turn: { before: before === undefined ? null : Number(before) },
  });
  return {
    user: userId,
    transactions: page.rows.map((row) => ({
      number: row.seq,
      type: row.type,
      amount: row.amount,
      balance_after: row.balanceAfter,
      source: row.source,
      feature: row.feature,
      service: row.serviceId,
      key: clientKeyOf(caller.serviceId, row.idempotencyKey),
      booked_at: row.bookedAt?.toISOString() ?? null,
      effective_at: row.effectiveAt.toISOString(),
    })),
    next_before: page.olderBefore === null ? null : String(page.olderBefore),
  };
}

/** The ledger's key for a client's key: unique for each service, whichever of its keys signs. */
export function ledgerKeyOf(serviceId: string, clientKey: string): string {
  return `api:${serviceId}:${clientKey}`;
}

/** The client's key for a ledger key; null if the service did not make it. */
export function clientKeyOf(serviceId: string, ledgerKey: string): string | null {
  const prefix = ledgerKeyOf(serviceId, "");
  return ledgerKey.startsWith(prefix) ? ledgerKey.slice(prefix.length) : null;
}

export function limitOf(limit: LimitState | undefined): z.input<typeof schemas.limitState> | null {
  if (limit === undefined) return null;
  const { window, amount, isHard, remaining, resetsAt } = limit;
  return {
    window,
    limit: amount,
    remaining,
    hard: isHard,
    resets_at: resetsAt?.toISOString() ?? null,
  };
}
