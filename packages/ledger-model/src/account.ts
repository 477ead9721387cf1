export type CreditType =
  | "REGISTER_GIFT"
  | "MONTHLY_REFRESH"
  | "SUBSCRIPTION_RENEWAL"
  | "LIFETIME_MONTHLY"
  | "TRIAL"
  | "PURCHASE_PACKAGE"
  | "DAILY_SIGNIN"
  | "ADMIN_ADJUST"
  | "USAGE"
  | "USAGE_REFUND"
  | "EXPIRE"
  | "REVOKE"
  | "RESTORE";

export type CreditOperation =
  | "grant"
  | "spend"
  | "capture"
  | "refund"
  | "revoke"
  | "restore"
  | "expire"
  | "adjust";

export type HoldStatus = "open" | "captured" | "released" | "lapsed";

/** One row of the ledger. `seq` counts 1, 2, 3 … without a gap. */
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
  readonly serviceId: string | null;
  readonly feature: string | null;
  /** When limits count it, if not when it is booked. */
  readonly countedAt: Date | null;
  readonly bookedAt: Date;
  readonly effectiveAt: Date;
}

export interface ModelLot {
  /** The sequence number of its grant. */
  readonly seq: number;
  readonly type: CreditType;
  readonly source: string;
  readonly amount: number;
  remaining: number;
  readonly priority: number;
  readonly paid: boolean;
  readonly grantedAt: Date;
  /** Null: never. Moves for trial lots only. */
  expiresAt: Date | null;
}

export type OverrunPolicy = "refuse" | "cap" | "charge";

export interface ModelHold {
  readonly key: string;
  /** What is held, extensions included. */
  amount: number;
  captured: number;
  readonly source: string;
  status: HoldStatus;
  releaseKey: string | null;
  captureSeq: number | null;
  readonly serviceId: string | null;
  readonly feature: string | null;
  /** Null: a capture above the hold or after its lapse is refused. */
  readonly overrun: OverrunPolicy | null;
  readonly debtLimit: number | null;
  readonly heldAt: Date;
  expiresAt: Date;
  closedAt: Date | null;
}

/** More credits or more time for a hold. */
export interface ModelExtension {
  readonly key: string;
  readonly holdKey: string;
  readonly amount: number;
  /** The expiry of the hold before and after it. */
  readonly expiredAt: Date;
  readonly expiresAt: Date;
  readonly extendedAt: Date;
}

export type UnbilledReason =
  | "overrun_policy"
  | "spend_limit"
  | "balance"
  | "debt_limit"
  | "account_frozen";

/** What a capture could not charge. */
export interface ModelUnbilled {
  readonly key: string;
  readonly holdKey: string;
  readonly overrun: OverrunPolicy;
  readonly requested: number;
  readonly amount: number;
  readonly reason: UnbilledReason;
  /** Null: nothing was charged. */
  readonly captureSeq: number | null;
  readonly balanceAfter: number;
  readonly at: Date;
}

/** Drawn from a lot (positive) or returned to it (negative), by a transaction or a hold. */
export interface ModelAllocation {
  readonly lotSeq: number;
  readonly amount: number;
  readonly transactionSeq: number | null;
  readonly holdKey: string | null;
  readonly fromAt: Date;
  /** Null: no end. */
  toAt: Date | null;
}

export interface ModelSettlement {
  /** Null: a restoration or refund cancelled the debt, and no lot paid it. */
  readonly lotSeq: number | null;
  /** The transaction that made the debt. */
  readonly revokeSeq: number;
  readonly amount: number;
  readonly at: Date;
}

/** One user's account: the rows of every ledger table as plain data. */
export interface ModelAccount {
  asOf: Date;
  held: number;
  debt: number;
  frozen: boolean;
  readonly transactions: ModelTransaction[];
  readonly lots: ModelLot[];
  readonly holds: ModelHold[];
  readonly extensions: ModelExtension[];
  readonly unbilled: ModelUnbilled[];
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
    extensions: [],
    unbilled: [],
    allocations: [],
    settlements: [],
  };
}

/** Returns the credits remaining on lots, less debt. */
export function availableOf(account: ModelAccount): number {
  return account.lots.reduce((sum, lot) => sum + lot.remaining, 0) - account.debt;
}

type NewTransaction = Pick<
  ModelTransaction,
  "type" | "operation" | "amount" | "key" | "source" | "bookedAt"
> &
  Partial<
    Pick<
      ModelTransaction,
      | "lotSeq"
      | "relatedSeq"
      | "requested"
      | "debtMade"
      | "serviceId"
      | "feature"
      | "countedAt"
      | "effectiveAt"
    >
  >;

/** Appends a transaction. It takes effect when it is booked unless `effectiveAt` is given. */
export function book(account: ModelAccount, row: NewTransaction): ModelTransaction {
  const transaction: ModelTransaction = {
    lotSeq: null,
    relatedSeq: null,
    requested: null,
    debtMade: null,
    serviceId: null,
    feature: null,
    countedAt: null,
    effectiveAt: row.bookedAt,
    ...row,
    seq: account.transactions.length + 1,
    balanceAfter: (account.transactions.at(-1)?.balanceAfter ?? 0) + row.amount,
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
