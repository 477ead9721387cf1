import { millisecondsInSecond } from "date-fns/constants";
import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { TransactionResult } from "@/ledger/call-ledger";
import { refundSpend } from "@/ledger/debit";
import { IdempotencyConflict, TransactionNotFound } from "@/ledger/errors";
import { captureHold, extendHold, holdCredits, releaseHold } from "@/ledger/hold";
import { creditHold, creditTransaction } from "@/ledger/schema";
import { costOf } from "./cost";
import type { Call, KeyedCall, WriteCall } from "./operation";
import { ledgerKeyOf, limitOf } from "./reads";
import type * as schemas from "./schemas";

type Result<Schema extends z.ZodType> = Promise<z.input<Schema>>;
type SpendBody = z.output<typeof schemas.spendBody>;

/** Spends credits, once for each key. */
export function spend(call: WriteCall, body: SpendBody): Result<typeof schemas.booking> {
  return atStoredCost(call, body, async (amount) => {
    const { spends, userId, now } = call;
    return toBooking(call, await spends.spend({ ...costBearer(call, body), userId, amount, now }));
  });
}

/** Holds credits, once for each key. */
export function hold(
  call: WriteCall,
  body: z.output<typeof schemas.holdBody>,
): Result<typeof schemas.hold> {
  return atStoredCost(call, body, async (amount) => {
    const { db, userId, now } = call;
    const expiresAt = after(now, body.expires_in_seconds);
    const held = await db.transaction((tx) =>
      holdCredits(tx, { ...costBearer(call, body), userId, amount, expiresAt, now }),
    );
    return {
      ...writtenBy(call, held),
      amount: held.amount,
      held_at: held.heldAt.toISOString(),
      expires_at: held.expiresAt.toISOString(),
    };
  });
}

/** Extends a hold of this service in time, in credits or both, once for each key. */
export async function extend(
  call: KeyedCall,
  { amount, expires_in_seconds: seconds }: z.output<typeof schemas.extendBody>,
): Result<typeof schemas.extension> {
  const { db, userId, now } = call;
  const { key, target: holdKey } = keysOf(call);
  const extended = await db.transaction((tx) =>
    extendHold(tx, {
      userId,
      holdKey,
      key,
      ...(amount !== undefined && { amount }),
      ...(seconds !== undefined && { expiresAt: after(now, seconds) }),
      now,
    }),
  );
  return {
    ...writtenBy(call, extended),
    amount: extended.amount,
    extended_at: extended.extendedAt.toISOString(),
    expires_at: extended.expiresAt.toISOString(),
  };
}

/** Spends a hold of this service, or its first `amount` credits; the remainder is released. */
export async function capture(
  call: KeyedCall,
  { amount }: z.output<typeof schemas.captureBody>,
): Result<typeof schemas.booking> {
  const { db, userId, now } = call;
  const { key, target: holdKey } = keysOf(call);
  const result = await db.transaction((tx) =>
    captureHold(tx, { userId, holdKey, key, ...(amount !== undefined && { amount }), now }),
  );
  return toBooking(call, result);
}

/** Releases a hold of this service. A lapsed one releases nothing. */
export async function release(call: KeyedCall): Result<typeof schemas.release> {
  const { db, userId, now } = call;
  const { key, target: holdKey } = keysOf(call);
  const result = await db.transaction((tx) => releaseHold(tx, { userId, holdKey, key, now }));
  const { released, status } = result;
  return { ...writtenBy(call, result), released, status };
}

/**
 * Refunds a spend or a captured hold of this service, named by the key that booked it.
 * @throws TransactionNotFound if this service booked nothing under the key
 */
export async function refund(
  call: KeyedCall,
  { amount }: z.output<typeof schemas.refundBody>,
): Result<typeof schemas.booking> {
  const { db, userId, now } = call;
  const { key, target } = keysOf(call);
  const spent = await findSpend(call, target);
  if (spent === undefined) throw new TransactionNotFound("This key has booked no spend.");
  const result = await db.transaction((tx) =>
    refundSpend(tx, {
      userId,
      spendSeq: spent.seq,
      key,
      ...(amount !== undefined && { amount }),
      now,
    }),
  );
  return toBooking(call, result);
}

/**
 * Runs a write at the cost of its feature. A repetition after the catalogue has changed finds its key
 * used for another amount: it then runs at the amount that was booked, and replays.
 */
async function atStoredCost<Written>(
  call: WriteCall,
  body: { readonly feature?: string | undefined; readonly amount?: number | undefined },
  write: (amount: number) => Promise<Written>,
): Promise<Written> {
  try {
    return await write(costOf(body));
  } catch (error) {
    if (!(error instanceof IdempotencyConflict) || body.amount !== undefined) throw error;
    const key = ledgerKeyOf(call.caller.serviceId, call.key);
    const stored = (await findHold(call, key)) ?? (await findSpend(call, key));
    if (stored === undefined) throw error;
    return write(Math.abs(stored.amount));
  }
}

function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * millisecondsInSecond);
}

function costBearer({ caller: { serviceId }, key }: WriteCall, { feature, reference }: SpendBody) {
  return {
    key: ledgerKeyOf(serviceId, key),
    source: reference === undefined ? `api:${serviceId}` : `api:${serviceId}:${reference}`,
    serviceId,
    ...(feature !== undefined && { feature }),
  };
}

function keysOf({ caller: { serviceId }, key, target }: KeyedCall) {
  return { key: ledgerKeyOf(serviceId, key), target: ledgerKeyOf(serviceId, target) };
}

async function findSpend({ db, userId }: Call, key: string) {
  const [found] = await db
    .select({ seq: creditTransaction.seq, amount: creditTransaction.amount })
    .from(creditTransaction)
    .where(
      and(
        eq(creditTransaction.userId, userId),
        eq(creditTransaction.idempotencyKey, key),
        eq(creditTransaction.type, "USAGE"),
      ),
    );
  return found;
}

async function findHold({ db, userId }: Call, key: string) {
  const [found] = await db
    .select({ amount: creditHold.amount })
    .from(creditHold)
    .where(and(eq(creditHold.userId, userId), eq(creditHold.key, key)));
  return found;
}

function toBooking(call: WriteCall, result: TransactionResult): z.input<typeof schemas.booking> {
  return {
    ...writtenBy(call, result),
    number: result.seq,
    amount: result.amount,
    balance_after: result.balanceAfter,
    booked_at: result.bookedAt.toISOString(),
  };
}

function writtenBy(
  { key, userId }: WriteCall,
  { replayed, limit }: Pick<TransactionResult, "replayed" | "limit">,
) {
  return { key, user: userId, replayed, limit: limitOf(limit) };
}
