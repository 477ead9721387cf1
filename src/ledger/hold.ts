import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import {
  callLedger,
  credits,
  instant,
  limitField,
  type TransactionResult,
  transactionResultSchema,
} from "./call-ledger";
import type { Spender } from "./debit";

const instantText = z.iso.datetime().transform((text) => new Date(text));
const holdSchema = z.object({
  key: z.string(),
  amount: z.number().int(),
  heldAt: instantText,
  expiresAt: instantText,
  replayed: z.boolean(),
  ...limitField,
});
export type Hold = z.output<typeof holdSchema>;

/**
 * Reserves credits for work in progress, once per key. The hold can be captured until `expiresAt`
 * and lapses then: its credits are available again. Counts against the limits that apply. Locks the
 * account: make this the last statement before COMMIT.
 * @throws InsufficientCredits, SpendLimitExceeded, AccountFrozen, IdempotencyConflict, InvalidAmount, InvalidExpiry,
 * CreditAccountNotFound
 */
export async function holdCredits(
  tx: Transaction,
  hold: {
    userId: string;
    key: string;
    amount: number;
    source: string;
    expiresAt: Date;
    now: Date;
  } & Spender,
): Promise<Hold> {
  return callLedger(
    tx,
    sql`select credits_hold(${hold.userId}, ${hold.key}, ${credits(hold.amount)}, ${hold.source},
      ${instant(hold.expiresAt)}, ${instant(hold.now)}, ${hold.serviceId ?? null}::text,
      ${hold.feature ?? null}::text) as result`,
    holdSchema,
  );
}

const extensionSchema = holdSchema.omit({ heldAt: true }).extend({ extendedAt: instantText });
/** `amount` is what the extension added, `expiresAt` the expiry of the hold after it. */
export type Extension = z.output<typeof extensionSchema>;

/**
 * Extends an open hold, once per key: holds `amount` more credits, moves its expiry to `expiresAt`, or
 * both. Never shortens it. What is added counts in the window in which the hold was made. Locks the
 * account: make this the last statement before COMMIT.
 * @throws HoldNotFound, HoldClosed, HoldLapsed, InsufficientCredits, SpendLimitExceeded, AccountFrozen if
 * credits are added, IdempotencyConflict, InvalidAmount, InvalidExpiry, CreditAccountNotFound
 */
export async function extendHold(
  tx: Transaction,
  extension: {
    userId: string;
    holdKey: string;
    key: string;
    amount?: number;
    expiresAt?: Date | null;
    now: Date;
  },
): Promise<Extension> {
  return callLedger(
    tx,
    sql`select credits_extend(${extension.userId}, ${extension.holdKey}, ${extension.key},
      ${credits(extension.amount ?? 0)}, ${instant(extension.expiresAt ?? null)},
      ${instant(extension.now)}) as result`,
    extensionSchema,
  );
}

/**
 * Spends a hold, or its first `amount` credits in burn order; the remainder returns to its lots.
 * Locks the account: make this the last statement before COMMIT.
 * @throws HoldNotFound, HoldLapsed, HoldClosed, InvalidAmount, IdempotencyConflict,
 * CreditAccountNotFound
 */
export async function captureHold(
  tx: Transaction,
  capture: { userId: string; holdKey: string; key: string; amount?: number; now: Date },
): Promise<TransactionResult> {
  const amount = capture.amount === undefined ? sql`null::bigint` : credits(capture.amount);
  return callLedger(
    tx,
    sql`select credits_capture(${capture.userId}, ${capture.holdKey}, ${capture.key}, ${amount},
      ${instant(capture.now)}) as result`,
    transactionResultSchema,
  );
}

const releaseSchema = z.object({
  released: z.number().int(),
  status: z.enum(["released", "lapsed"]),
  replayed: z.boolean(),
  ...limitField,
});
export type Release = z.output<typeof releaseSchema>;

/**
 * Returns a hold's credits to their lots. Releasing a lapsed hold is not an error: it returns
 * `released: 0`. Locks the account: make this the last statement before COMMIT.
 * @throws HoldNotFound, HoldClosed, IdempotencyConflict, CreditAccountNotFound
 */
export async function releaseHold(
  tx: Transaction,
  release: { userId: string; holdKey: string; key: string; now: Date },
): Promise<Release> {
  return callLedger(
    tx,
    sql`select credits_release(${release.userId}, ${release.holdKey}, ${release.key},
      ${instant(release.now)}) as result`,
    releaseSchema,
  );
}
