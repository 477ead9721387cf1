import {
  availableOf,
  book,
  type ModelAccount,
  type ModelHold,
  type ModelTransaction,
  type ModelUnbilled,
} from "./account";
import { findRecorded, recorded, replayed, requireWhole, type TransactionResult } from "./call";
import { ModelError } from "./errors";
import { hasLapsed, requireUnclosed } from "./hold";
import { allocate, bookExpired, draw, firstDrawn, lastDrawn, returnParts } from "./lots";
import { closeHold, partsOf, sweep } from "./sweep";

export interface CaptureInput {
  readonly holdKey: string;
  readonly key: string;
  /** Default: the whole hold. */
  readonly amount?: number;
  readonly now: Date;
}

export interface CaptureResult extends Omit<TransactionResult, "seq"> {
  /** Null: nothing was charged, and no transaction was booked. */
  readonly seq: number | null;
  readonly unbilled?: Pick<ModelUnbilled, "amount" | "requested" | "reason" | "overrun">;
}

/**
 * Spends a hold, or its first credits in the order of the draws; the remainder returns to its lots. Above
 * the hold and after its lapse its overrun policy decides. `remainingInLimits` returns what the limits of
 * the hold's window leave, from the account as it is.
 */
export function capture(
  account: ModelAccount,
  input: CaptureInput,
  remainingInLimits: (held: ModelHold) => number,
): CaptureResult {
  const { holdKey, key, now } = input;
  const held = account.holds.find((row) => row.key === holdKey);
  const amount = input.amount ?? held?.amount;
  const known = findCapture(account, held, { key, amount: amount ?? 0 });
  if (known !== undefined) return known;
  if (held === undefined || amount === undefined) throw new ModelError("HoldNotFound");
  requireUnclosed(held);
  if (held.overrun === null && hasLapsed(held, now)) throw new ModelError("HoldLapsed");
  requireWhole(amount);
  if (held.overrun === null && amount > held.amount)
    throw new ModelError("InvalidAmount", { amount });
  sweep(account, now);
  const charge = chargeOf(account, held, { amount, remainingInLimits });
  const unbilled = recordUnbilled(account, held, { key, amount, charge, now });
  if (charge.total === 0) {
    held.status = "captured";
    held.releaseKey = key;
    held.closedAt = now;
    return nothingCharged(unbilled, false);
  }
  const transaction = bookCapture(account, held, { key, amount, charge, now });
  return { ...recorded(transaction), ...unbilledField(unbilled) };
}

/** Where the credits of a capture come from. */
interface ChargeParts {
  readonly fromHold: number;
  readonly drawn: number;
  readonly debt: number;
  readonly total: number;
  readonly reason: ModelUnbilled["reason"];
}

function chargeOf(
  account: ModelAccount,
  held: ModelHold,
  {
    amount,
    remainingInLimits,
  }: { readonly amount: number; readonly remainingInLimits: (held: ModelHold) => number },
): ChargeParts {
  const ceiling = held.overrun === "charge" ? amount : Math.min(amount, held.amount);
  const fromHold = held.status === "open" ? Math.min(ceiling, held.amount) : 0;
  const beyond = ceiling - fromHold;
  const limit = beyond === 0 ? 0 : Math.min(beyond, remainingInLimits(held));
  const allowed = account.frozen ? 0 : limit;
  const drawn = Math.min(allowed, Math.max(0, availableOf(account)));
  const debtLimit = held.overrun === "charge" ? (held.debtLimit ?? 0) : 0;
  const debt = Math.min(allowed - drawn, Math.max(0, debtLimit - account.debt));
  const reasons = [
    { is: drawn + debt === beyond, reason: "overrun_policy" },
    { is: account.frozen, reason: "account_frozen" },
    { is: drawn + debt === allowed, reason: "spend_limit" },
    { is: (held.debtLimit ?? 0) > 0, reason: "debt_limit" },
  ] as const;
  const reason = reasons.find(({ is }) => is)?.reason ?? "balance";
  return { fromHold, drawn, debt, total: fromHold + drawn + debt, reason };
}

interface ChargedCapture {
  readonly key: string;
  /** What was used. */
  readonly amount: number;
  readonly charge: ChargeParts;
  readonly now: Date;
}

function recordUnbilled(
  account: ModelAccount,
  held: ModelHold,
  { key, amount, charge, now }: ChargedCapture,
): ModelUnbilled | undefined {
  if (held.overrun === null || charge.total === amount) return undefined;
  const unbilled: ModelUnbilled = {
    key,
    holdKey: held.key,
    overrun: held.overrun,
    requested: amount,
    amount: amount - charge.total,
    reason: charge.reason,
    captureSeq: charge.total > 0 ? account.transactions.length + 1 : null,
    balanceAfter: availableOf(account) + account.held - charge.total,
    at: now,
  };
  account.unbilled.push(unbilled);
  return unbilled;
}

function bookCapture(
  account: ModelAccount,
  held: ModelHold,
  { key, amount, charge, now }: ChargedCapture,
): ModelTransaction {
  const { fromHold, drawn, debt, total } = charge;
  const transaction = book(account, {
    type: "USAGE",
    operation: "capture",
    amount: -total,
    key,
    source: held.source,
    requested: total < amount ? amount : null,
    debtMade: debt > 0 ? debt : null,
    serviceId: held.serviceId,
    feature: held.feature,
    countedAt: held.heldAt,
    bookedAt: now,
  });
  held.captured = total;
  held.captureSeq = transaction.seq;
  if (held.status === "open") {
    const parts = partsOf(account, held);
    allocate(account, firstDrawn(parts, fromHold), transaction.seq, now);
    closeHold(account, held, "captured", now);
    returnParts(account, lastDrawn(parts, held.amount - fromHold), now);
    bookExpired(account, { at: now, bookedAt: now, returnedAt: now });
  } else {
    held.status = "captured";
    held.closedAt = now;
  }
  allocate(account, draw(account.lots, drawn), transaction.seq, now);
  account.debt += debt;
  return transaction;
}

/** Returns the result of a repeated capture, or undefined for a new key. */
function findCapture(
  account: ModelAccount,
  held: ModelHold | undefined,
  { key, amount }: { readonly key: string; readonly amount: number },
): CaptureResult | undefined {
  const unbilled = account.unbilled.find((row) => row.key === key);
  if (held?.status === "captured" && held.releaseKey === key && unbilled?.requested === amount)
    return nothingCharged(unbilled, true);
  const known = findRecorded(
    account,
    key,
    (row) => held?.captureSeq === row.seq && (row.requested ?? -row.amount) === amount,
  );
  return known && { ...replayed(known), ...unbilledField(unbilled) };
}

function nothingCharged(unbilled: ModelUnbilled | undefined, replayed: boolean): CaptureResult {
  if (unbilled === undefined) throw new Error("A capture charged nothing and recorded nothing.");
  const { balanceAfter, at: bookedAt } = unbilled;
  const booking = { seq: null, type: "USAGE", amount: 0, balanceAfter, bookedAt } as const;
  return { ...booking, replayed, ...unbilledField(unbilled) };
}

function unbilledField(unbilled: ModelUnbilled | undefined): Pick<CaptureResult, "unbilled"> {
  if (unbilled === undefined) return {};
  const { amount, requested, reason, overrun } = unbilled;
  return { unbilled: { amount, requested, reason, overrun } };
}
