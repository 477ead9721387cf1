import { AlreadyRestored, TransactionNotFound } from "@/ledger/errors";
import { book, lotOf, type ModelAccount, type ModelTransaction, sumOf } from "./account";
import { type Answer, fresh, replay } from "./answer";
import { findBooked } from "./keys";
import {
  allocate,
  compareBurnOrder,
  expiredBy,
  openLot,
  type Part,
  put,
  unsettledDebt,
} from "./lots";
import { sweep } from "./sweep";

export interface RestoreInput {
  readonly revokeSeq: number;
  readonly key: string;
  readonly now: Date;
}

/** Undoes a revocation, whole and once. The answer's amount is the revocation's. */
export function restore(account: ModelAccount, input: RestoreInput): Answer {
  const { revokeSeq, key, now } = input;
  const booked = findBooked(
    account,
    key,
    (row) => row.operation === "restore" && row.relatedSeq === revokeSeq && row.requested !== null,
  );
  if (booked !== undefined) return { ...replay(booked), amount: booked.requested ?? 0 };
  const revoked = account.transactions.find((row) => row.seq === revokeSeq);
  if (revoked?.type !== "REVOKE") throw new TransactionNotFound("There is no such revocation.");
  if (account.transactions.some((row) => row.relatedSeq === revokeSeq)) throw new AlreadyRestored();
  sweep(account, now);
  return { ...fresh(bookRestoration(account, revoked, { key, now })), amount: -revoked.amount };
}

interface TakenPart extends Part {
  /** When the revocation (or its debt) took the credits; what was left of their life stopped then. */
  readonly takenAt: Date;
}

/** One transaction of a restoration: how much it books and what that does to lots and debt. */
interface Share {
  readonly amount: number;
  readonly source: string;
  readonly apply: (seq: number) => void;
}

/**
 * Undoes a revocation whole: what is still owed is forgiven, what was taken goes back to its lots,
 * and what has expired meanwhile comes back as a new lot with the validity it had left. Answers the
 * first of its transactions, which bears `key`; the nth bears `key:n`.
 */
function bookRestoration(
  account: ModelAccount,
  revoke: ModelTransaction,
  { key, now }: { readonly key: string; readonly now: Date },
): ModelTransaction {
  let first: ModelTransaction | undefined;
  for (const [index, piece] of piecesOf(account, revoke, now).entries()) {
    const transaction = book(account, {
      type: "RESTORE",
      operation: "restore",
      amount: piece.amount,
      key: index === 0 ? key : `${key}:${index + 1}`,
      source: piece.source,
      relatedSeq: revoke.seq,
      requested: index === 0 ? -revoke.amount : null,
      bookedAt: now,
    });
    piece.apply(transaction.seq);
    first ??= transaction;
  }
  if (first === undefined) throw new Error(`Revocation ${revoke.seq} took nothing.`);
  return first;
}

function piecesOf(account: ModelAccount, revoke: ModelTransaction, now: Date): Share[] {
  const owed = unsettledDebt(account, revoke.seq);
  const taken = takenBy(account, revoke);
  const live = taken.filter(({ lot }) => !expiredBy(lot, now));
  const gone = taken.filter(({ lot }) => expiredBy(lot, now));
  const inPlace: Share = {
    amount: owed + sumOf(live),
    source: revoke.source,
    apply: (seq) => {
      cancelDebt(account, revoke, owed, now);
      allocate(account, live, seq, now, -1);
      for (const { lot, amount } of live) put(account, lot, amount, now);
    },
  };
  const revived = gone.map(
    (part): Share => ({
      amount: part.amount,
      source: part.lot.source,
      apply: (seq) => reviveLot(account, part, { seq, now }),
    }),
  );
  return inPlace.amount > 0 ? [inPlace, ...revived] : revived;
}

/** A new lot like the one that is gone, for as long as that one still had when it was taken from. */
function reviveLot(
  account: ModelAccount,
  { lot, amount, takenAt }: TakenPart,
  { seq, now }: { readonly seq: number; readonly now: Date },
): void {
  if (lot.expiresAt === null) throw new Error("A lot that never expires has not expired.");
  const leftMs = Math.max(1, lot.expiresAt.getTime() - takenAt.getTime());
  const { type, source, priority, paid } = lot;
  const expiresAt = new Date(now.getTime() + leftMs);
  openLot(account, { seq, type, source, priority, paid, amount, expiresAt }, now);
}

/** Settlements first, the latest at the head; then what was drawn, in reverse burn order. */
function takenBy(account: ModelAccount, revoke: ModelTransaction): TakenPart[] {
  const settled = account.settlements
    .toReversed()
    .flatMap((row) =>
      row.revokeSeq !== revoke.seq || row.lotSeq === null
        ? []
        : [{ lot: lotOf(account, row.lotSeq), amount: row.amount, takenAt: row.at }],
    );
  const drawn = account.allocations
    .filter((row) => row.transactionSeq === revoke.seq)
    .map(({ lotSeq, amount }) => ({ lot: lotOf(account, lotSeq), amount }))
    .sort((a, b) => compareBurnOrder(b.lot, a.lot))
    .map((part) => ({ ...part, takenAt: revoke.effectiveAt }));
  return [...settled, ...drawn];
}

function cancelDebt(account: ModelAccount, revoke: ModelTransaction, amount: number, at: Date) {
  if (amount === 0) return;
  account.settlements.push({ lotSeq: null, revokeSeq: revoke.seq, amount, at });
  account.debt -= amount;
}
