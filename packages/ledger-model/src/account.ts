import type { creditHoldStatus, creditOperation, creditType } from "@/ledger/schema";

export type CreditType = (typeof creditType.enumValues)[number];
export type CreditOperation = (typeof creditOperation.enumValues)[number];
export type HoldStatus = (typeof creditHoldStatus.enumValues)[number];

/** One row of the ledger. `seq` counts 1, 2, 3 … in booking order. */
export interface ModelTransaction {
  readonly seq: number;
  readonly type: CreditType;
  readonly operation: CreditOperation;
  readonly amount: number;
  readonly balanceAfter: number;
  readonly key: string;
  readonly source: string;
  readonly lotSeq: number | null;
  readonly relatedSeq: number | null;
  readonly requested: number | null;
  readonly debtMade: number | null;
  readonly bookedAt: Date;
  readonly effectiveAt: Date;
}

export interface ModelLot {
  /** The sequence number of the transaction that granted it. */
  readonly seq: number;
  readonly type: CreditType;
  readonly source: string;
  readonly amount: number;
  remaining: number;
  readonly priority: number;
  readonly paid: boolean;
  readonly grantedAt: Date;
  /** null = never. */
  readonly expiresAt: Date | null;
}

export interface ModelHold {
  readonly key: string;
  readonly amount: number;
  captured: number;
  readonly source: string;
  status: HoldStatus;
  releaseKey: string | null;
  captureSeq: number | null;
  readonly heldAt: Date;
  readonly expiresAt: Date;
  closedAt: Date | null;
}

/** Drawn from a lot (positive) or given back to it (negative), by a transaction or by a hold. */
export interface ModelAllocation {
  readonly lotSeq: number;
  readonly amount: number;
  readonly transactionSeq: number | null;
  readonly holdKey: string | null;
  readonly fromAt: Date;
  /** null = for ever. */
  toAt: Date | null;
}

export interface ModelSettlement {
  /** null = the debt was cancelled by a restoration, no lot paid. */
  readonly lotSeq: number | null;
  readonly revokeSeq: number;
  readonly amount: number;
  readonly at: Date;
}

/** All that is known of one user's credits: the tables' rows as plain data. */
export interface ModelAccount {
  asOf: Date;
  held: number;
  debt: number;
  frozen: boolean;
  readonly transactions: ModelTransaction[];
  readonly lots: ModelLot[];
  readonly holds: ModelHold[];
  readonly allocations: ModelAllocation[];
  readonly settlements: ModelSettlement[];
}

export function emptyAccount(asOf: Date): ModelAccount {
  return {
    asOf,
    held: 0,
    debt: 0,
    frozen: false,
    transactions: [],
    lots: [],
    holds: [],
    allocations: [],
    settlements: [],
  };
}

/** What can be spent as the rows stand: credits left on lots, less debt. */
export function availableOf(account: ModelAccount): number {
  return account.lots.reduce((sum, lot) => sum + lot.remaining, 0) - account.debt;
}

type Fact = Pick<
  ModelTransaction,
  "type" | "operation" | "amount" | "key" | "source" | "bookedAt"
> &
  Partial<
    Pick<ModelTransaction, "lotSeq" | "relatedSeq" | "requested" | "debtMade" | "effectiveAt">
  >;

/** Appends a transaction, effective when it is booked unless the fact says otherwise. */
export function book(account: ModelAccount, fact: Fact): ModelTransaction {
  const transaction: ModelTransaction = {
    lotSeq: null,
    relatedSeq: null,
    requested: null,
    debtMade: null,
    effectiveAt: fact.bookedAt,
    ...fact,
    seq: account.transactions.length + 1,
    balanceAfter: (account.transactions.at(-1)?.balanceAfter ?? 0) + fact.amount,
  };
  account.transactions.push(transaction);
  return transaction;
}

export function lotOf(account: ModelAccount, seq: number): ModelLot {
  const lot = account.lots.find((candidate) => candidate.seq === seq);
  if (lot === undefined) throw new Error(`The model has no lot ${seq}.`);
  return lot;
}

export function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

export function sumOf(rows: ReadonlyArray<{ readonly amount: number }>): number {
  return rows.reduce((sum, row) => sum + row.amount, 0);
}
