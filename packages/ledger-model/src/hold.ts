import {
  type HoldStatus,
  later,
  type ModelAccount,
  type ModelExtension,
  type ModelHold,
  type OverrunPolicy,
} from "./account";
import {
  findHold,
  type RequireWithinLimits,
  requireNewKey,
  requireWhole,
  type Spender,
} from "./call";
import { ModelError } from "./errors";
import type { LimitState } from "./limits";
import { bookExpired, draw, lastDrawn, returnParts } from "./lots";
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

/** Throws HoldClosed if the hold was captured or released. */
export function requireUnclosed({ status }: ModelHold): void {
  if (status === "captured" || status === "released")
    throw new ModelError("HoldClosed", { holdStatus: status });
}

export function hasLapsed(held: ModelHold, now: Date): boolean {
  return held.status === "lapsed" || held.expiresAt <= now;
}
