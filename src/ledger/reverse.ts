import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import {
  callLedger,
  credits,
  instant,
  type TransactionResult,
  transactionResultSchema,
} from "./call-ledger";

/** A refund or dispute in effect: the payer has the money back, or the bank holds it. */
export interface StandingReversal {
  /** Stable name: `refund:re_…`, `dispute:du_…`. */
  readonly key: string;
  readonly cents: number;
  /** Its credits were revoked before, or there were none to revoke. */
  readonly applied: boolean;
}

/** The new state of the schedule that a purchase opened. */
export type SchedulePlan =
  | { readonly ended: true; readonly from: Date }
  | {
      readonly ended: false;
      /** When the purchase begins. */
      readonly from: Date;
      /** Reopens a schedule that was ended as of its beginning, up to `until` (null: no end). */
      readonly reopens: boolean;
      readonly until: Date | null;
      /** Set when something other than a reversal ended the schedule. */
      readonly endsAt: Date | null;
      /** `open` suspends the schedule, `settled` resumes it. */
      readonly dispute: "none" | "open" | "settled";
    };

/**
 * Applies the refunds and disputes of a purchase: restores the credits of undone reversals, revokes
 * those of standing ones, and ends, suspends, resumes or reopens its schedule. Returns the credits
 * restored and revoked. Locks the account: make this the last statement before COMMIT.
 * @throws CreditAccountNotFound, IdempotencyConflict
 */
export async function reversePurchase(
  tx: Transaction,
  reversed: {
    userId: string;
    source: string;
    paidCents: number;
    /** Keys of the reversals that were undone. */
    undone: readonly string[];
    /** Oldest first. */
    standing: readonly StandingReversal[];
    schedule: SchedulePlan | null;
    now: Date;
  },
): Promise<{ restored: number; revoked: number }> {
  const { userId, source, paidCents, undone, standing, schedule, now } = reversed;
  const plan =
    schedule === null || schedule.ended
      ? schedule
      : { ...schedule, ends_at: schedule.endsAt, endsAt: undefined };
  return callLedger(
    tx,
    sql`select credits_reverse(${userId}, ${source}, ${paidCents}::bigint,
      array(select jsonb_array_elements_text(${JSON.stringify(undone)}::text::jsonb)),
      ${JSON.stringify(standing)}::text::jsonb,
      ${plan === null ? null : JSON.stringify(plan)}::text::jsonb, ${instant(now)}) as result`,
    z.object({ restored: z.number().int(), revoked: z.number().int() }),
  );
}

/**
 * Revokes an amount of credits: from the lots of `source` first, then from others in burn order. Credits
 * already spent become debt, which the next grants settle. The single step of `reversePurchase`, for
 * callers that know the amount. Locks the account: make this the last statement before COMMIT.
 * @throws InvalidAmount, IdempotencyConflict, CreditAccountNotFound
 */
export async function revokeCredits(
  tx: Transaction,
  revocation: { userId: string; key: string; amount: number; source: string; now: Date },
): Promise<TransactionResult> {
  return callLedger(
    tx,
    sql`select credits_revoke(${revocation.userId}, ${revocation.key}, ${credits(revocation.amount)},
      ${revocation.source}, ${instant(revocation.now)}) as result`,
    transactionResultSchema,
  );
}

/**
 * Undoes a whole revocation, once, like `reversePurchase` when a reversal is undone: cancels its debt, then returns its credits to their lots. Credits
 * of a lot that has expired come back as a new lot with the validity that remained. The result's
 * amount is the total restored. Locks the account: make this the last statement before COMMIT.
 * @throws TransactionNotFound, AlreadyRestored, IdempotencyConflict, CreditAccountNotFound
 */
export async function restoreCredits(
  tx: Transaction,
  restoration: { userId: string; revokeSeq: number; key: string; now: Date },
): Promise<TransactionResult> {
  return callLedger(
    tx,
    sql`select credits_restore(${restoration.userId}, ${restoration.revokeSeq}::bigint,
      ${restoration.key}, ${instant(restoration.now)}) as result`,
    transactionResultSchema,
  );
}
