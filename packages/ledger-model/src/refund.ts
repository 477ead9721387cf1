import { book, lotOf, type ModelAccount, type ModelTransaction, sumOf } from "./account";
import { findRecorded, recorded, replayed, requireWhole, type TransactionResult } from "./call";
import { ModelError } from "./errors";
import {
  allocate,
  bookExpired,
  cancelDebt,
  lastDrawn,
  type Part,
  returnParts,
  unsettledDebt,
} from "./lots";
import { sweep } from "./sweep";

export interface RefundInput {
  readonly spendSeq: number;
  readonly key: string;
  /** Default: all that has not been refunded yet. */
  readonly amount?: number;
  readonly now: Date;
}

/** Refunds a spend to the lots it drew on, the last drawn first. */
export function refundSpend(account: ModelAccount, input: RefundInput): TransactionResult {
  const { spendSeq, key, now } = input;
  const known = findRecorded(account, key, (row) => isSameRefund(row, input));
  if (known !== undefined) return replayed(known);
  const spent = account.transactions.find((row) => row.seq === spendSeq);
  if (spent?.type !== "USAGE") throw new ModelError("TransactionNotFound");
  if (input.amount !== undefined) requireWhole(input.amount);
  const refunds = refundsOf(account, spendSeq);
  const refundable = -spent.amount - sumOf(refunds);
  const amount = input.amount ?? refundable;
  if (amount > refundable || amount === 0)
    throw new ModelError("RefundExceedsSpend", { amount, refundable });
  sweep(account, now);
  const transaction = book(account, {
    type: "USAGE_REFUND",
    operation: "refund",
    amount,
    key,
    source: spent.source,
    relatedSeq: spendSeq,
    requested: input.amount ?? null,
    serviceId: spent.serviceId,
    feature: spent.feature,
    countedAt: spent.countedAt ?? spent.bookedAt,
    bookedAt: now,
  });
  const cancelled = Math.min(amount, unsettledDebt(account, spendSeq));
  cancelDebt(account, spent, cancelled, now);
  const returned = lastDrawn(unreturned(account, [spent, ...refunds]), amount - cancelled);
  allocate(account, returned, transaction.seq, now, -1);
  returnParts(account, returned, now);
  bookExpired(account, { at: now, bookedAt: now, returnedAt: now });
  return recorded(transaction);
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

/** What lots gave for a spend, drawn or settling its debt, less its refunds, in the order of giving. */
function unreturned(
  account: ModelAccount,
  [spent, ...refunds]: readonly [ModelTransaction, ...ModelTransaction[]],
): Part[] {
  const byLot = new Map<number, number>();
  const give = (lotSeq: number, amount: number) =>
    byLot.set(lotSeq, (byLot.get(lotSeq) ?? 0) + amount);
  for (const row of account.allocations)
    if (row.transactionSeq === spent.seq) give(row.lotSeq, row.amount);
  for (const row of account.settlements)
    if (row.revokeSeq === spent.seq && row.lotSeq !== null) give(row.lotSeq, row.amount);
  const refundSeqs = new Set<number | null>(refunds.map(({ seq }) => seq));
  for (const row of account.allocations)
    if (refundSeqs.has(row.transactionSeq)) give(row.lotSeq, row.amount);
  return [...byLot].map(([seq, amount]) => ({ lot: lotOf(account, seq), amount }));
}
