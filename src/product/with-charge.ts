import { millisecondsInMinute } from "date-fns/constants";
import { getFeature } from "@/catalog/items";
import { costOfUnits, rateOf } from "@/catalog/rate-card";
import type { Database, Executor, Transaction } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import type { Usage } from "@/ledger/debit";
import { HoldLapsed } from "@/ledger/errors";
import { captureHold, holdCredits, releaseHold } from "@/ledger/hold";
import { AppError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { overrunOf, readHoldRate, usageAt } from "./hold-terms";

export interface Charge {
  db: Database;
  userId: string;
  /**
   * Names what is charged, such as `card:<id>`, and is the ledger's source. The client creates the
   * id, so that repeated requests have the same key and are charged once.
   */
  key: string;
  /** The service that charges through the API: its limits apply, and usage names it. */
  serviceId?: string | undefined;
  clock: () => Date;
  /**
   * What the work is expected to use, for a feature with a rate card. Default: the typical use. The same
   * for every request with the key.
   */
  expected?: Usage & { readonly units: Units };
}

type Units = Readonly<Record<string, number>>;

export interface ChargedWork<Result> {
  /**
   * Whether the result for this key is stored already. Throw if the key belongs to another result.
   */
  isStored(db: Executor): Promise<boolean>;
  /** Makes the result. Runs outside any transaction. */
  make(): Result | Promise<Result>;
  /**
   * Stores the result, in the transaction that captures the hold. Returns false if a concurrent
   * request with the same key has stored it; insert with `onConflictDoNothing` to find out.
   */
  store(tx: Transaction, result: Result, now: Date): Promise<boolean>;
  /** The units that the result used, for a feature with a rate card. Default: those expected. */
  unitsOf?(result: Result): Units;
}

/** The key was charged for a result that no longer exists. The charge covers no other result. */
export class ChargedResultGone extends AppError {
  constructor() {
    super({
      code: "charged_result_gone",
      status: 410,
      message: "What was charged under this key no longer exists.",
    });
  }
}

/**
 * Makes and stores a result and charges a feature's cost for it, or does neither.
 *
 * With a rate card the hold is an estimate, and the capture charges the units used at the rate of the
 * hold; more than the hold is charged by the feature's overrun policy.
 *
 * 1. Hold the cost. The hold lapses after the feature's `holdMinutes`, so a crash costs nothing.
 * 2. Make the result outside any transaction.
 * 3. In one transaction, store the result and capture the hold as the last statement.
 * 4. On failure, release the hold.
 *
 * The key makes the charge idempotent: the same key stores one result and one charge, even when
 * requests are concurrent, repeated later, or follow a crash. Step 3 reads the clock again and rejects
 * a hold that lapsed during step 2. The hold and the capture lock the user's row first and the credit
 * account last: a result in progress is not stored once its user has deleted the account.
 *
 * @returns `created: false` if the result was already stored
 * @throws InsufficientCredits, SpendLimitExceeded, AccountFrozen, CreditAccountNotFound; the key remains
 * usable
 * @throws NotFound if the account is deleted
 * @throws HoldClosed, HoldLapsed or ChargedResultGone if the key is used up; retry with a new key
 * @throws the errors of `work`, after the hold was released
 */
export async function withCharge<Result>(
  feature: string,
  charge: Charge,
  work: ChargedWork<Result>,
): Promise<{ created: boolean }> {
  const { db, clock } = charge;
  if (await work.isStored(db)) return { created: false };
  await holdCost(feature, charge, clock());
  try {
    const result = await work.make();
    return { created: await storeAndCapture(charge, { work, result, now: clock() }) };
  } catch (error) {
    if (error instanceof ChargedResultGone) throw error;
    await releaseCost(charge, clock());
    if (await wasCommitted(db, work)) return { created: true };
    throw error;
  }
}

async function holdCost(feature: string, charge: Charge, now: Date): Promise<void> {
  const { db, userId, key, expected, serviceId } = charge;
  const paid = getFeature(feature);
  const { cost, holdMinutes, rateCard } = paid;
  const rate = rateCard === null ? undefined : rateOf(rateCard, expected ?? rateCard.typical);
  await db.transaction(async (tx) => {
    await lockUndeletedUser(tx, userId);
    await holdCredits(tx, {
      userId,
      key: holdKeyOf(key),
      amount:
        rate === undefined || expected === undefined ? cost : costOfUnits(rate, expected.units),
      source: key,
      feature,
      ...(serviceId !== undefined && { serviceId }),
      expiresAt: new Date(now.getTime() + holdMinutes * millisecondsInMinute),
      now,
      ...(rate !== undefined && { usage: expected, rate, overrun: overrunOf(paid) }),
    });
  });
}

/**
 * Concurrent duplicates serialize on the insert: the loser finds the row, and its capture replays.
 * A replayed capture without a row means that the result was paid for and then deleted; storing it
 * again would give away a second result.
 */
async function storeAndCapture<Result>(
  { db, userId, key }: Charge,
  { work, result, now }: { work: ChargedWork<Result>; result: Result; now: Date },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockUndeletedUser(tx, userId);
    const created = await work.store(tx, result, now);
    const holdKey = holdKeyOf(key);
    const used = await usedBy(tx, { userId, holdKey, units: work.unitsOf?.(result) });
    if (used.amount === 0) {
      const release = await releaseHold(tx, { userId, holdKey, key: `${key}:release`, now });
      if (created && release.replayed) throw new ChargedResultGone();
      return created;
    }
    const capture = await captureHold(tx, {
      userId,
      holdKey,
      key: `${key}:capture`,
      ...used,
      now,
    });
    if (created && capture.replayed) throw new ChargedResultGone();
    // Nothing could be charged after the lapse: nothing is stored either.
    if (capture.seq === null) throw new HoldLapsed();
    return created;
  });
}

/** The amount and the use of a capture: the units at the rate of the hold. */
async function usedBy(
  tx: Transaction,
  { userId, holdKey, units }: { userId: string; holdKey: string; units: Units | undefined },
): Promise<{ amount?: number; usage?: Usage }> {
  if (units === undefined) return {};
  const rate = await readHoldRate(tx, { userId, key: holdKey });
  return rate === null ? {} : { amount: costOfUnits(rate, units), usage: usageAt(rate, units) };
}

/** Best effort: a hold that cannot be released lapses. */
async function releaseCost({ db, userId, key }: Charge, now: Date): Promise<void> {
  const release = { userId, holdKey: holdKeyOf(key), key: `${key}:release`, now };
  try {
    await db.transaction((tx) => releaseHold(tx, release));
  } catch (error) {
    logger.warn({ err: error, userId, key }, "could not release a hold; it will lapse");
  }
}

/** A COMMIT whose response was lost looks like a failure, but the result is stored. */
async function wasCommitted(db: Database, work: ChargedWork<unknown>): Promise<boolean> {
  try {
    return await work.isStored(db);
  } catch {
    return false;
  }
}

function holdKeyOf(key: string): string {
  return `${key}:hold`;
}
