import { millisecondsInSecond } from "date-fns/constants";
import { and, eq, sql, sum } from "drizzle-orm";
import type { z } from "zod";
import type { TransactionResult } from "@/ledger/call-ledger";
import { refundSpend, type Usage } from "@/ledger/debit";
import { IdempotencyConflict, TransactionNotFound } from "@/ledger/errors";
import { captureHold, extendHold, holdCredits, releaseHold } from "@/ledger/hold";
import { creditHold, creditHoldExtension, creditTransaction } from "@/ledger/schema";
import { readHoldRate, usageAt } from "@/product/hold-terms";
import { type Cost, costOf, type Priced, priceOf, usageOf } from "./cost";
import { InvalidRequest, OverrunRefused } from "./errors";
import type { Call, KeyedCall, WriteCall } from "./operation";
import { ledgerKeyOf, limitOf } from "./reads";
import type * as schemas from "./schemas";

type Result<Schema extends z.ZodType> = Promise<z.input<Schema>>;

/** Spends credits, once for each key. */
export function spend(call: WriteCall, body: schemas.SpendBody): Result<typeof schemas.booking> {
  return atStoredCost(call, body, false, async ({ amount }) => {
    const { spends, userId, now } = call;
    return toBooking(call, await spends.spend({ ...costBearer(call, body), userId, amount, now }));
  });
}

/** Holds credits, once for each key. */
export function hold(
  call: WriteCall,
  body: z.output<typeof schemas.holdBody>,
): Result<typeof schemas.hold> {
  return atStoredCost(call, body, true, async (cost) => {
    const { db, userId, now } = call;
    const expiresAt = after(now, body.expires_in_seconds);
    const held = await db.transaction((tx) =>
      holdCredits(tx, { ...costBearer(call, body), ...cost, userId, expiresAt, now }),
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
  body: z.output<typeof schemas.extendBody>,
): Result<typeof schemas.extension> {
  const { db, userId, now } = call;
  const { key, target: holdKey } = keysOf(call);
  const { expires_in_seconds: seconds } = body;
  const use = await usedAtRate(call, body);
  const extended = await db.transaction((tx) =>
    extendHold(tx, {
      userId,
      holdKey,
      key,
      ...use,
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

/**
 * Spends a hold of this service, or the part that was used, and releases the remainder. A capture above
 * the hold, or after its lapse, is charged by the policy of its feature.
 * @throws OverrunRefused if the feature refuses more than the hold. The hold itself is charged
 */
export async function capture(
  call: KeyedCall,
  body: z.output<typeof schemas.captureBody>,
): Result<typeof schemas.capture> {
  const { db, userId, now } = call;
  const { key, target: holdKey } = keysOf(call);
  const use = await usedAtRate(call, body);
  const result = await db.transaction((tx) =>
    captureHold(tx, { userId, holdKey, key, ...use, now }),
  );
  const { unbilled = null } = result;
  if (unbilled?.overrun === "refuse") {
    const { requested: required, amount, reason } = unbilled;
    throw new OverrunRefused({ required, charged: required - amount, unbilled: amount, reason });
  }
  return {
    ...toBooking(call, result),
    unbilled: unbilled && { amount: unbilled.amount, reason: unbilled.reason },
  };
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
 * Runs a write at its cost. A request that is repeated after the catalogue has changed costs another
 * amount or can't be priced at all: it then runs at the amount that was booked, and replays.
 */
async function atStoredCost<Written>(
  call: WriteCall,
  body: Priced,
  estimate: boolean,
  write: (cost: Pick<Cost, "amount"> & Partial<Cost>) => Promise<Written>,
): Promise<Written> {
  try {
    return await write(costOf(body, { estimate }));
  } catch (error) {
    const isOfCost = error instanceof IdempotencyConflict || error instanceof InvalidRequest;
    if (!isOfCost || body.amount !== undefined) throw error;
    const key = ledgerKeyOf(call.caller.serviceId, call.key);
    const stored = (await findHold(call, key)) ?? (await findSpend(call, key));
    if (stored === undefined) throw error;
    return write({ amount: Math.abs(stored.amount) }).catch((again: unknown) => {
      throw again instanceof IdempotencyConflict ? error : again;
    });
  }
}

/** The amount of an extension or capture. Units cost what they did when the hold was made. */
async function usedAtRate(
  { db, userId, caller, target }: KeyedCall,
  { amount, units }: { readonly amount?: number | undefined; readonly units?: Priced["units"] },
): Promise<{ amount?: number; usage?: Usage }> {
  if (units === undefined) return amount === undefined ? {} : { amount };
  const rate = await readHoldRate(db, { userId, key: ledgerKeyOf(caller.serviceId, target) });
  if (rate === null) {
    const message = "`units`: the hold has no rate. Give `amount`.";
    throw new InvalidRequest(message, { field: "units" });
  }
  return { amount: priceOf(rate, units), usage: usageAt(rate, units) };
}

function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * millisecondsInSecond);
}

function costBearer({ caller: { serviceId }, key }: WriteCall, body: schemas.SpendBody) {
  const { feature, reference } = body;
  return {
    ...usageOf(body),
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

/** A hold with the amount that it had before its extensions. */
async function findHold({ db, userId }: Call, key: string) {
  const added = db
    .select({ amount: sum(creditHoldExtension.amount) })
    .from(creditHoldExtension)
    .where(and(eq(creditHoldExtension.userId, userId), eq(creditHoldExtension.holdKey, key)));
  const [found] = await db
    .select({ amount: sql`${creditHold.amount} - coalesce((${added}), 0)`.mapWith(Number) })
    .from(creditHold)
    .where(and(eq(creditHold.userId, userId), eq(creditHold.key, key)));
  return found;
}

/** `number` is null if a capture could charge nothing. */
function toBooking<Seq extends number | null>(
  call: WriteCall,
  result: Omit<TransactionResult, "seq"> & { readonly seq: Seq },
) {
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
