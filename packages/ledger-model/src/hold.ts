import {
  availableOf,
  book,
  type HoldStatus,
  later,
  type ModelAccount,
  type ModelExtension,
  type ModelHold,
  type ModelTransaction,
  type ModelUnbilled,
  type OverrunPolicy,
} from "./account";
import {
  findHold,
  findRecorded,
  type RequireWithinLimits,
  recorded,
  replayed,
  requireNewKey,
  requireWhole,
  type Spender,
  type TransactionResult,
} from "./call";
import { ModelError } from "./errors";
import type { LimitState } from "./limits";
import { allocate, bookExpired, draw, firstDrawn, lastDrawn, returnParts } from "./lots";
import { requireAvailable, requireNotFrozen } from "./spend";
import { closeHold, partsOf, sweep } from "./sweep";

export interface HoldInput extends Spender {
  readonly key: string;
  readonly amount: number;
  readonly source: string;
  readonly expiresAt: Date;
  readonly overrun?: { readonly policy: OverrunPolicy; readonly debtLimit?: number };
  readonly now: Date;
}

export interface HoldResult {
  readonly key: string;
  readonly amount: number;
  readonly heldAt: Date;
  readonly expiresAt: Date;
  readonly replayed: boolean;
  readonly limit?: LimitState;
}

/** Reserves credits for work in progress. The hold lapses at `expiresAt`. */
export function hold(
  account: ModelAccount,
  input: HoldInput,
  requireWithinLimits: RequireWithinLimits,
): HoldResult {
  const { key, amount, source, expiresAt, now } = input;
  requireWhole(amount);
  const known = findHold(account, key, input);
  if (known !== undefined) return replayedHold(account, known, amount);
  requireNotFrozen(account);
  if (expiresAt <= now) throw new ModelError("InvalidExpiry");
  sweep(account, now);
  requireAvailable(account, amount);
  requireWithinLimits(amount);
  const made: ModelHold = {
    key,
    amount,
    captured: 0,
    source,
    status: "open",
    releaseKey: null,
    captureSeq: null,
    serviceId: input.serviceId ?? null,
    feature: input.feature ?? null,
    overrun: input.overrun?.policy ?? null,
    debtLimit: input.overrun?.debtLimit ?? null,
    heldAt: now,
    expiresAt,
    closedAt: null,
  };
  account.holds.push(made);
  reserve(account, made, { amount, now });
  return { key, amount, heldAt: now, expiresAt, replayed: false };
}

/** The result of the hold itself, without its extensions. */
function replayedHold(
  account: ModelAccount,
  { key, heldAt, expiresAt }: ModelHold,
  amount: number,
) {
  const first = account.extensions.find((row) => row.holdKey === key);
  return { key, amount, heldAt, expiresAt: first?.expiredAt ?? expiresAt, replayed: true };
}

function reserve(
  account: ModelAccount,
  held: ModelHold,
  { amount, now }: { readonly amount: number; readonly now: Date },
): void {
  account.held += amount;
  for (const part of draw(account.lots, amount))
    account.allocations.push({
      lotSeq: part.lot.seq,
      amount: part.amount,
      transactionSeq: null,
      holdKey: held.key,
      fromAt: now,
      toAt: held.expiresAt,
    });
}

export interface ExtendInput {
  readonly holdKey: string;
  readonly key: string;
  /** Credits to add. Default: none. */
  readonly amount?: number;
  /** Default: unchanged. */
  readonly expiresAt?: Date | null;
  readonly now: Date;
}

export interface ExtensionResult {
  readonly key: string;
  /** Credits that the extension added. */
  readonly amount: number;
  readonly extendedAt: Date;
  readonly expiresAt: Date;
  readonly replayed: boolean;
  readonly limit?: LimitState;
}

/** Adds credits to an open hold, moves its expiry to a later instant, or both. */
export function extend(
  account: ModelAccount,
  input: ExtendInput & { readonly requestedAt: Date },
  requireWithinLimits: (held: ModelHold, amount: number) => void,
): ExtensionResult {
  const { holdKey, key, amount = 0, expiresAt = null, now, requestedAt } = input;
  const known = account.extensions.find((row) => row.key === key);
  if (known !== undefined) {
    if (known.holdKey !== holdKey || known.amount !== amount)
      throw new ModelError("IdempotencyConflict", { key });
    return extensionResult(known, true);
  }
  requireNewKey(account, key);
  const held = account.holds.find((row) => row.key === holdKey);
  if (held === undefined) throw new ModelError("HoldNotFound");
  requireUnclosed(held);
  if (hasLapsed(held, now)) throw new ModelError("HoldLapsed");
  if (amount !== 0 || expiresAt === null) {
    requireWhole(amount);
    requireNotFrozen(account);
  }
  if (expiresAt !== null && expiresAt <= requestedAt) throw new ModelError("InvalidExpiry");
  sweep(account, now);
  if (amount > 0) {
    requireAvailable(account, amount);
    requireWithinLimits(held, amount);
  }
  // The account's time may be ahead of the caller's.
  const aheadMs = now.getTime() - requestedAt.getTime();
  const moved = expiresAt === null ? held.expiresAt : new Date(expiresAt.getTime() + aheadMs);
  const made = {
    key,
    holdKey,
    amount,
    expiredAt: held.expiresAt,
    expiresAt: later(held.expiresAt, moved),
    extendedAt: now,
  };
  account.extensions.push(made);
  held.amount += amount;
  held.expiresAt = made.expiresAt;
  for (const row of account.allocations) if (row.holdKey === holdKey) row.toAt = made.expiresAt;
  reserve(account, held, { amount, now });
  return extensionResult(made, false);
}

function extensionResult(
  { key, amount, extendedAt, expiresAt }: ModelExtension,
  replayed: boolean,
): ExtensionResult {
  return { key, amount, extendedAt, expiresAt, replayed };
}

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

function recordUnbilled(
  account: ModelAccount,
  held: ModelHold,
  {
    key,
    amount,
    charge,
    now,
  }: {
    readonly key: string;
    readonly amount: number;
    readonly charge: ChargeParts;
    readonly now: Date;
  },
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
  {
    key,
    amount,
    charge,
    now,
  }: {
    readonly key: string;
    readonly amount: number;
    readonly charge: ChargeParts;
    readonly now: Date;
  },
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

export interface ReleaseInput {
  readonly holdKey: string;
  readonly key: string;
  readonly now: Date;
}

export interface ReleaseResult {
  readonly released: number;
  readonly status: Extract<HoldStatus, "released" | "lapsed">;
  readonly replayed: boolean;
  readonly limit?: LimitState;
}

/** Returns a hold's credits to their lots. Releasing a lapsed hold is not an error. */
export function release(account: ModelAccount, input: ReleaseInput): ReleaseResult {
  const { holdKey, key, now } = input;
  const held = account.holds.find((row) => row.key === holdKey);
  if (held?.releaseKey === key)
    return { released: held.amount, status: "released", replayed: true };
  requireNewKey(account, key);
  if (held === undefined) throw new ModelError("HoldNotFound");
  requireUnclosed(held);
  const lapsed = hasLapsed(held, now);
  sweep(account, now);
  if (lapsed) return { released: 0, status: "lapsed", replayed: false };
  held.releaseKey = key;
  closeHold(account, held, "released", now);
  returnParts(account, lastDrawn(partsOf(account, held)), now);
  bookExpired(account, { at: now, bookedAt: now, returnedAt: now });
  return { released: held.amount, status: "released", replayed: false };
}

function requireUnclosed({ status }: ModelHold): void {
  if (status === "captured" || status === "released")
    throw new ModelError("HoldClosed", { holdStatus: status });
}

function hasLapsed(held: ModelHold, now: Date): boolean {
  return held.status === "lapsed" || held.expiresAt <= now;
}
