import { book, lotOf, type ModelAccount, type ModelTransaction, sumOf } from "./account";
import { findRecorded, recorded, replayed, type TransactionResult } from "./call";
import { ModelError } from "./errors";
import {
  allocate,
  cancelDebt,
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

/** Undoes a whole revocation, once. The result's amount is the revocation's. */
export function restore(account: ModelAccount, input: RestoreInput): TransactionResult {
  const { revokeSeq, key, now } = input;
  const known = findRecorded(
    account,
    key,
    (row) => row.operation === "restore" && row.relatedSeq === revokeSeq && row.requested !== null,
  );
  if (known !== undefined) return { ...replayed(known), amount: known.requested ?? 0 };
  const revoked = account.transactions.find((row) => row.seq === revokeSeq);
  if (revoked?.type !== "REVOKE") throw new ModelError("TransactionNotFound");
  if (account.transactions.some((row) => row.relatedSeq === revokeSeq))
    throw new ModelError("AlreadyRestored");
  sweep(account, now);
  return { ...recorded(bookRestoration(account, revoked, { key, now })), amount: -revoked.amount };
}

interface TakenPart extends Part {
  /** When the revocation or its debt took the credits. Their validity stopped then. */
  readonly takenAt: Date;
}

/** One transaction of a restoration: its amount and its effect on lots and debt. */
interface RestorationStep {
  readonly amount: number;
  readonly apply: (seq: number) => void;
}

/**
 * Cancels unsettled debt, returns the credits to their lots and opens a new lot for each that has
 * expired. Returns the first transaction, which has the key `key`; the nth has `key:n`.
 */
function bookRestoration(
  account: ModelAccount,
  revoke: ModelTransaction,
  { key, now }: { readonly key: string; readonly now: Date },
): ModelTransaction {
  let first: ModelTransaction | undefined;
  for (const [index, step] of stepsOf(account, revoke, now).entries()) {
    const transaction = book(account, {
      type: "RESTORE",
      operation: "restore",
      amount: step.amount,
      key: index === 0 ? key : `${key}:${index + 1}`,
      source: revoke.source,
      relatedSeq: revoke.seq,
      requested: index === 0 ? -revoke.amount : null,
      bookedAt: now,
    });
    step.apply(transaction.seq);
    first ??= transaction;
  }
  if (first === undefined) throw new Error(`Revocation ${revoke.seq} has nothing to restore.`);
  return first;
}

function stepsOf(account: ModelAccount, revoke: ModelTransaction, now: Date): RestorationStep[] {
  const debt = unsettledDebt(account, revoke.seq);
  const taken = takenBy(account, revoke);
  const live = taken.filter(({ lot }) => !expiredBy(lot, now));
  const expired = taken.filter(({ lot }) => expiredBy(lot, now));
  const inPlace: RestorationStep = {
    amount: debt + sumOf(live),
    apply: (seq) => {
      cancelDebt(account, revoke, debt, now);
      allocate(account, live, seq, now, -1);
      for (const { lot, amount } of live) put(account, lot, amount, now);
    },
  };
  const reopened = expired.map(
    (part): RestorationStep => ({
      amount: part.amount,
      apply: (seq) => reopenLot(account, part, { seq, now }),
    }),
  );
  return inPlace.amount > 0 ? [inPlace, ...reopened] : reopened;
}

/** Opens a lot like the expired one, valid for the time that remained when its credits were taken. */
function reopenLot(
  account: ModelAccount,
  { lot, amount, takenAt }: TakenPart,
  { seq, now }: { readonly seq: number; readonly now: Date },
): void {
  if (lot.expiresAt === null) throw new Error("A lot without an expiry cannot expire.");
  const remainingMs = Math.max(1, lot.expiresAt.getTime() - takenAt.getTime());
  const { type, source, priority, paid } = lot;
  const expiresAt = new Date(now.getTime() + remainingMs);
  openLot(account, { seq, type, source, priority, paid, amount, expiresAt }, now);
}

/** Settlements first, latest first; then the draws in reverse burn order. */
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
