import {
  HoldClosed,
  HoldLapsed,
  HoldNotFound,
  InvalidAmount,
  InvalidExpiry,
} from "@/ledger/errors";
import { book, type HoldStatus, type ModelAccount, type ModelHold } from "./account";
import { type Answer, fresh, replay, requireWhole } from "./answer";
import { findBooked, findHeld, requireNewKey } from "./keys";
import { allocate, bookExpired, draw, firstToBurn, lastToBurn, putBack } from "./lots";
import { requireAvailable, requireNotFrozen } from "./spend";
import { closeHold, partsOf, sweep } from "./sweep";

export interface HoldInput {
  readonly key: string;
  readonly amount: number;
  readonly source: string;
  readonly expiresAt: Date;
  readonly now: Date;
}

export interface HoldAnswer {
  readonly key: string;
  readonly amount: number;
  readonly heldAt: Date;
  readonly expiresAt: Date;
  readonly replayed: boolean;
}

/** Sets credits aside for work in progress, until the hold's own expiry at the latest. */
export function hold(account: ModelAccount, input: HoldInput): HoldAnswer {
  const { key, amount, source, expiresAt, now } = input;
  requireWhole(amount);
  const known = findHeld(account, key, { amount, source });
  if (known !== undefined) return answerHold(known, true);
  requireNotFrozen(account);
  if (expiresAt <= now) throw new InvalidExpiry("A hold must expire in the future.");
  sweep(account, now);
  requireAvailable(account, amount);
  const made: ModelHold = {
    key,
    amount,
    captured: 0,
    source,
    status: "open",
    releaseKey: null,
    captureSeq: null,
    heldAt: now,
    expiresAt,
    closedAt: null,
  };
  account.holds.push(made);
  account.held += amount;
  for (const part of draw(account.lots, amount))
    account.allocations.push({
      lotSeq: part.lot.seq,
      amount: part.amount,
      transactionSeq: null,
      holdKey: key,
      fromAt: now,
      toAt: expiresAt,
    });
  return answerHold(made, false);
}

function answerHold(made: ModelHold, replayed: boolean): HoldAnswer {
  const { key, amount, heldAt, expiresAt } = made;
  return { key, amount, heldAt, expiresAt, replayed };
}

export interface CaptureInput {
  readonly holdKey: string;
  readonly key: string;
  /** Absent = all of it. */
  readonly amount?: number;
  readonly now: Date;
}

/** Turns a hold, or the first of it in burn order, into a spend; the rest goes back. */
export function capture(account: ModelAccount, input: CaptureInput): Answer {
  const { holdKey, key, now } = input;
  const held = account.holds.find((row) => row.key === holdKey);
  const amount = input.amount ?? held?.amount;
  const booked = findBooked(
    account,
    key,
    (row) => held?.captureSeq === row.seq && row.amount === -(amount ?? 0),
  );
  if (booked !== undefined) return replay(booked);
  if (held === undefined || amount === undefined) throw new HoldNotFound();
  requireUnclosed(held);
  if (hasLapsed(held, now)) throw new HoldLapsed();
  requireWhole(amount);
  if (amount > held.amount)
    throw new InvalidAmount("More than was held can't be captured.", amount);
  sweep(account, now);
  return fresh(bookCapture(account, held, { key, amount, now }));
}

function bookCapture(
  account: ModelAccount,
  held: ModelHold,
  { key, amount, now }: { readonly key: string; readonly amount: number; readonly now: Date },
) {
  const transaction = book(account, {
    type: "USAGE",
    operation: "capture",
    amount: -amount,
    key,
    source: held.source,
    bookedAt: now,
  });
  const parts = partsOf(account, held);
  allocate(account, firstToBurn(parts, amount), transaction.seq, now);
  held.captured = amount;
  held.captureSeq = transaction.seq;
  closeHold(account, held, "captured", now);
  putBack(account, lastToBurn(parts, held.amount - amount), now);
  bookExpired(account, { at: now, bookedAt: now, putAt: now });
  return transaction;
}

export interface ReleaseInput {
  readonly holdKey: string;
  readonly key: string;
  readonly now: Date;
}

export interface ReleaseAnswer {
  readonly released: number;
  readonly status: Extract<HoldStatus, "released" | "lapsed">;
  readonly replayed: boolean;
}

/** Gives a hold back. One that has lapsed is free already, which is an answer and no error. */
export function release(account: ModelAccount, input: ReleaseInput): ReleaseAnswer {
  const { holdKey, key, now } = input;
  const held = account.holds.find((row) => row.key === holdKey);
  if (held?.releaseKey === key)
    return { released: held.amount, status: "released", replayed: true };
  requireNewKey(account, key);
  if (held === undefined) throw new HoldNotFound();
  requireUnclosed(held);
  const lapsed = hasLapsed(held, now);
  sweep(account, now);
  if (lapsed) return { released: 0, status: "lapsed", replayed: false };
  held.releaseKey = key;
  closeHold(account, held, "released", now);
  putBack(account, partsOf(account, held), now);
  bookExpired(account, { at: now, bookedAt: now, putAt: now });
  return { released: held.amount, status: "released", replayed: false };
}

function requireUnclosed({ status }: ModelHold): void {
  if (status === "captured" || status === "released") throw new HoldClosed(status);
}

function hasLapsed(held: ModelHold, now: Date): boolean {
  return held.status === "lapsed" || held.expiresAt <= now;
}
