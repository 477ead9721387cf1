import type { CreditModel } from "@qiflow/ledger-model";
import { availableOf } from "@qiflow/ledger-model/account";
import type postgres from "postgres";

/** One user's ledger as plain values: the rows of every table and the balances at some instants. */
export interface LedgerRows {
  readonly account: unknown;
  readonly balances: unknown;
}

/** Reads the rows of the model. Instants are text with microseconds, as in Postgres. */
export function rowsOfModel(model: CreditModel, instants: readonly Date[]): LedgerRows {
  const { account } = model;
  const balances = instants.map((at) => {
    const { available, held, debt, lots } = model.balanceAsOf(at);
    return { available, held, debt, lots: lots.map(({ seq, amount }) => [seq, amount]) };
  });
  const holds = account.holds.toSorted(
    (a, b) => a.heldAt.getTime() - b.heldAt.getTime() || (a.key < b.key ? -1 : 1),
  );
  const extensions = account.extensions.toSorted(
    (a, b) => a.extendedAt.getTime() - b.extendedAt.getTime() || (a.key < b.key ? -1 : 1),
  );
  const unbilled = account.unbilled.toSorted(
    (a, b) => a.at.getTime() - b.at.getTime() || (a.key < b.key ? -1 : 1),
  );
  return {
    account: plain({ ...account, holds, extensions, unbilled, balance: availableOf(account) }),
    balances,
  };
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace("Z", "000Z");
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Reads the rows of the database in one query. */
export async function rowsOfDatabase(
  sql: postgres.Sql,
  userId: string,
  instants: readonly Date[],
): Promise<LedgerRows> {
  const [row] = await sql<LedgerRows[]>`
    select json_build_object(
      'asOf', ${iso("a.as_of")}, 'held', held, 'debt', debt, 'balance', balance,
      'frozen', frozen_at is not null,
      'transactions', (select coalesce(json_agg(json_build_object(
          'seq', seq, 'type', type, 'operation', operation, 'amount', amount,
          'balanceAfter', balance_after, 'key', idempotency_key, 'source', source,
          'lotSeq', lot_seq, 'relatedSeq', related_seq, 'requested', requested,
          'debtMade', debt_made, 'serviceId', service_id, 'feature', feature,
          'countedAt', ${iso("counted_at")}, 'bookedAt', ${iso("booked_at")},
          'effectiveAt', ${iso("effective_at")}) order by seq), '[]')
        from credit_transaction where user_id = ${userId}),
      'lots', (select coalesce(json_agg(json_build_object(
          'seq', seq, 'type', type, 'source', source, 'amount', amount, 'remaining', remaining,
          'priority', priority, 'paid', paid, 'grantedAt', ${iso("granted_at")},
          'expiresAt', ${iso("expires_at")}) order by seq), '[]')
        from credit_lot where user_id = ${userId}),
      'holds', (select coalesce(json_agg(json_build_object(
          'key', key, 'amount', amount, 'captured', captured, 'source', source, 'status', status,
          'releaseKey', release_key, 'captureSeq', capture_seq, 'serviceId', service_id,
          'feature', feature, 'overrun', overrun, 'debtLimit', debt_limit, 'heldAt', ${iso("held_at")},
          'expiresAt', ${iso("expires_at")}, 'closedAt', ${iso("closed_at")})
          order by held_at, key collate "C"), '[]')
        from credit_hold where user_id = ${userId}),
      'extensions', (select coalesce(json_agg(json_build_object(
          'key', key, 'holdKey', hold_key, 'amount', amount, 'expiredAt', ${iso("expired_at")},
          'expiresAt', ${iso("expires_at")}, 'extendedAt', ${iso("extended_at")})
          order by extended_at, key collate "C"), '[]')
        from credit_hold_extension where user_id = ${userId}),
      'unbilled', (select coalesce(json_agg(json_build_object(
          'key', key, 'holdKey', hold_key, 'overrun', overrun, 'requested', requested,
          'amount', amount, 'reason', reason, 'captureSeq', capture_seq,
          'balanceAfter', balance_after, 'at', ${iso('"at"')}) order by "at", key collate "C"), '[]')
        from credit_unbilled where user_id = ${userId}),
      'allocations', (select coalesce(json_agg(json_build_object(
          'lotSeq', lot_seq, 'amount', amount, 'transactionSeq', transaction_seq,
          'holdKey', hold_key, 'fromAt', ${iso("from_at")},
          'toAt', case when to_at < 'infinity' then ${iso("to_at")} end) order by number), '[]')
        from credit_allocation where user_id = ${userId}),
      'settlements', (select coalesce(json_agg(json_build_object(
          'lotSeq', lot_seq, 'revokeSeq', revoke_seq, 'amount', amount, 'at', ${iso("at")})
          order by number), '[]')
        from credit_settlement where user_id = ${userId})
    ) as account, (
      select json_agg(json_build_object('available', b.available, 'held', b.held, 'debt', b.debt,
        'lots', (select coalesce(json_agg(json_build_array(l.seq, l.available) order by l.seq), '[]')
          from credits_lots_at(${userId}, i.at) l where l.available > 0)) order by i.nth)
      from unnest(${instants.map((at) => at.toISOString())}::timestamptz[]) with ordinality i (at, nth)
      cross join lateral credits_balance(${userId}, i.at) b
    ) as balances
    from credit_account a where user_id = ${userId}`;
  if (row === undefined) throw new Error(`User ${userId} has no credit account.`);
  return { account: row.account, balances: row.balances };

  function iso(column: string) {
    return sql.unsafe(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);
  }
}
