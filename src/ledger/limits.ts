import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor, Transaction } from "@/db/client";
import { callLedger, credits, type LimitState, type SpendWindow } from "./call-ledger";
import { instantOf, type ReadAt } from "./reads/read-at";

/** Whose spending a limit counts: a user's, a service's, or a service's for one user. */
export type LimitSubject =
  | { readonly userId: string; readonly serviceId?: string }
  | { readonly userId?: undefined; readonly serviceId: string };

/**
 * Sets the limit of a window, or removes it (`amount` null). What was spent in the running window
 * counts. Waits for spends that have begun, and the next ones wait for it: make this the last statement
 * before COMMIT.
 * @throws InvalidAmount, CreditAccountNotFound
 */
export async function setSpendLimit(
  tx: Transaction,
  {
    subject,
    window,
    amount,
    isHard = true,
  }: {
    subject: LimitSubject;
    window: SpendWindow;
    amount: number | null;
    isHard?: boolean;
  },
): Promise<void> {
  await callLedger(
    tx,
    sql`select credits_set_limit(${subject.userId ?? null}::text, ${subject.serviceId ?? null}::text,
      ${window}::spend_window, ${amount === null ? sql`null::bigint` : credits(amount)}, ${isHard})::text
      as result`,
    z.string().nullable(),
  );
}

/**
 * The limits that apply to what a service spends for a user, the one with the least remaining first.
 * The user's lapsed holds count for nothing, booked or not. Reads only.
 */
export async function readSpendLimits(
  reader: Executor,
  { serviceId, ...spender }: { userId: string; serviceId: string } & ReadAt,
): Promise<readonly LimitState[]> {
  const limits = await readLimitsByService(reader, { ...spender, serviceIds: [serviceId] });
  return limits.get(serviceId) ?? [];
}

/** The same for several services, in one query. A service without a limit is missing. */
export async function readLimitsByService(
  reader: Executor,
  { userId, serviceIds, ...when }: { userId: string; serviceIds: readonly string[] } & ReadAt,
): Promise<ReadonlyMap<string, readonly LimitState[]>> {
  const rows = await reader.execute<{
    service_id: string;
    window: SpendWindow;
    amount: string;
    is_hard: boolean;
    used: string;
    resets_at: string | null;
  }>(sql`
    select service.id as service_id, l.*
    from (select ${instantOf(userId, when)} as at offset 0) read
    cross join unnest(${sql.param([...serviceIds])}::text[]) service (id)
    cross join lateral credits_limits_at(${userId}, service.id, read.at) l
    order by l.amount - l.used, l."window", l.amount`);
  const limits = new Map<string, LimitState[]>();
  for (const { service_id: serviceId, window, amount, is_hard, used, resets_at } of rows) {
    const limit = {
      window,
      amount: Number(amount),
      isHard: is_hard,
      remaining: Math.max(0, Number(amount) - Number(used)),
      resetsAt: resets_at === null ? null : new Date(resets_at),
    };
    limits.set(serviceId, [...(limits.get(serviceId) ?? []), limit]);
  }
  return limits;
}
