import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import {
  callLedger,
  credits,
  instant,
  json,
  type TransactionResult,
  transactionResultSchema,
} from "./call-ledger";

/** Who spends through the API, and on what. Without a service, the site spends. */
export interface Spender {
  readonly serviceId?: string;
  /** A feature of the catalogue. */
  readonly feature?: string;
  /** What is used, if the feature is priced by a rate card. */
  readonly usage?: Usage;
}

/** Units by name, of a model and tier of a rate card. Part of the payload of an idempotency key. */
export interface Usage {
  readonly model?: string | undefined;
  readonly tier?: string | undefined;
  readonly units?: Readonly<Record<string, number>> | undefined;
}

/**
 * Spends credits in burn order, once per key. Expired lots don't count, whether or not their expiry
 * is booked. Counts against the limits that apply. Locks the account: make this the last statement
 * before COMMIT.
 * @throws InsufficientCredits, SpendLimitExceeded, AccountFrozen, IdempotencyConflict, InvalidAmount,
 * CreditAccountNotFound
 */
export async function spendCredits(
  tx: Transaction,
  spend: { userId: string; key: string; amount: number; source: string; now: Date } & Spender,
): Promise<TransactionResult> {
  return callLedger(
    tx,
    sql`select credits_spend(${spend.userId}, ${spend.key}, ${credits(spend.amount)},
      ${spend.source}, ${instant(spend.now)}, ${spend.serviceId ?? null}::text,
      ${spend.feature ?? null}::text, ${json(spend.usage)}) as result`,
    transactionResultSchema,
  );
}

/**
 * Refunds `amount` credits of a spend, or all that has not been refunded yet, to the lots it drew
 * on, the last drawn first. Cancels its outstanding debt before that. Credits returned to an expired lot
 * expire immediately. Locks the account: make this the last statement before COMMIT.
 * @throws TransactionNotFound, RefundExceedsSpend, InvalidAmount, IdempotencyConflict,
 * CreditAccountNotFound
 */
export async function refundSpend(
  tx: Transaction,
  refund: { userId: string; spendSeq: number; key: string; amount?: number; now: Date },
): Promise<TransactionResult> {
  const amount = refund.amount === undefined ? sql`null::bigint` : credits(refund.amount);
  return callLedger(
    tx,
    sql`select credits_refund_spend(${refund.userId}, ${refund.spendSeq}::bigint, ${refund.key},
      ${amount}, ${instant(refund.now)}) as result`,
    transactionResultSchema,
  );
}

/**
 * Records an admin's correction: a positive amount opens a lot that expires at `expiresAt`, a
 * negative one is drawn in burn order and may not exceed the balance. Locks the account: make this
 * the last statement before COMMIT.
 * @throws InsufficientCredits, InvalidAmount, InvalidExpiry, IdempotencyConflict,
 * CreditAccountNotFound
 */
export async function adjustCredits(
  tx: Transaction,
  adjustment: {
    userId: string;
    key: string;
    amount: number;
    source: string;
    expiresAt?: Date | null;
    now: Date;
  },
): Promise<TransactionResult> {
  return callLedger(
    tx,
    sql`select credits_adjust(${adjustment.userId}, ${adjustment.key}, ${credits(adjustment.amount)},
      ${adjustment.source}, ${instant(adjustment.expiresAt ?? null)}, ${instant(adjustment.now)})
      as result`,
    transactionResultSchema,
  );
}
