import { RefundExceedsSpend, TransactionNotFound } from "@/ledger/errors";
import { book, lotOf, type ModelAccount, type ModelTransaction, sumOf } from "./account";
import { type Answer, fresh, replay, requireWhole } from "./answer";
import { findBooked } from "./keys";
import { allocate, bookExpired, lastToBurn, type Part, putBack } from "./lots";
import { sweep } from "./sweep";

export interface RefundInput {
  readonly spendSeq: number;
  readonly key: string;
  /** Absent = all that was not given back yet. */
  readonly amount?: number;
  readonly now: Date;
}

/** Gives a spend back, in reverse burn order, onto the very lots it came from. */
export function refundSpend(account: ModelAccount, input: RefundInput): Answer {
  const { spendSeq, key, now } = input;
  const booked = findBooked(account, key, (row) => isSameRefund(row, input));
  if (booked !== undefined) return replay(booked);
  const spent = account.transactions.find((row) => row.seq === spendSeq);
  if (spent?.type !== "USAGE") throw new TransactionNotFound("There is no such spend.");
  if (input.amount !== undefined) requireWhole(input.amount);
  const refunds = refundsOf(account, spendSeq);
  const refundable = -spent.amount - sumOf(refunds);
  const amount = input.amount ?? refundable;
  if (amount > refundable || amount === 0) throw new RefundExceedsSpend({ amount, refundable });
  sweep(account, now);
  const transaction = book(account, {
    type: "USAGE_REFUND",
    operation: "refund",
    amount,
    key,
    source: spent.source,
    relatedSeq: spendSeq,
    requested: input.amount ?? null,
    bookedAt: now,
  });
  const returned = lastToBurn(unreturned(account, [spent, ...refunds]), amount);
  allocate(account, returned, transaction.seq, now, -1);
  putBack(account, returned, now);
  bookExpired(account, { at: now, bookedAt: now, putAt: now });
  return fresh(transaction);
}

function isSameRefund(row: ModelTransaction, { spendSeq, amount }: RefundInput): boolean {
  return (
    row.operation === "refund" && row.relatedSeq === spendSeq && row.requested === (amount ?? null)
  );
}

function refundsOf(account: ModelAccount, spendSeq: number): ModelTransaction[] {
  return account.transactions.filter(
    (row) => row.operation === "refund" && row.relatedSeq === spendSeq,
  );
}

/** What a spend drew of each lot, less what its refunds gave back. */
function unreturned(account: ModelAccount, booked: readonly ModelTransaction[]): Part[] {
  const seqs = new Set<number | null>(booked.map(({ seq }) => seq));
  const byLot = new Map<number, number>();
  for (const row of account.allocations)
    if (seqs.has(row.transactionSeq))
      byLot.set(row.lotSeq, (byLot.get(row.lotSeq) ?? 0) + row.amount);
  return [...byLot].map(([seq, amount]) => ({ lot: lotOf(account, seq), amount }));
}
