import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { callLedger } from "./call-ledger";
import { instant } from "./parameters";

/** A refund or dispute by which the payer has, or holds back, some of the money. */
export interface StandingReversal {
  /** Names it for ever: `refund:re_…`, `dispute:du_…`. */
  readonly key: string;
  readonly cents: number;
  /** Whether its credits were taken before (or there was nothing to take). */
  readonly judged: boolean;
}

/** What becomes of the months that a purchase still promises. */
export type SchedulePlan =
  | { readonly over: true; readonly from: Date }
  | {
      readonly over: false;
      /** When the purchase begins. */
      readonly from: Date;
      /** Whether an end as of its beginning is taken back, up to `until` (null = for ever). */
      readonly reopens: boolean;
      readonly until: Date | null;
      /** When something other than its reversals ended it. */
      readonly endsAt: Date | null;
      /** `open` suspends, `settled` resumes. */
      readonly dispute: "none" | "open" | "settled";
    };

/**
 * Brings what was granted under a purchase in line with its refunds and disputes: restores what was
 * revoked for those undone, revokes for those that stand, and ends, suspends, resumes or reopens its
 * months. One call to the database, which locks the account before it reads anything: make it the
 * last statement before COMMIT. Answers the credits restored and revoked.
 * @throws CreditAccountNotFound, IdempotencyConflict
 */
export async function reversePurchase(
  tx: Transaction,
  reversed: {
    userId: string;
    source: string;
    paidCents: number;
    /** Keys of those undone. */
    undone: readonly string[];
    /** Oldest first. */
    standing: readonly StandingReversal[];
    schedule: SchedulePlan | null;
    now: Date;
  },
): Promise<{ restored: number; revoked: number }> {
  const { userId, source, paidCents, undone, standing, schedule, now } = reversed;
  const plan =
    schedule === null || schedule.over
      ? schedule
      : { ...schedule, ends_at: schedule.endsAt, endsAt: undefined };
  return callLedger(
    tx,
    sql`select credits_reverse(${userId}, ${source}, ${paidCents}::bigint,
      array(select jsonb_array_elements_text(${JSON.stringify(undone)}::text::jsonb)),
      ${JSON.stringify(standing)}::text::jsonb,
      ${plan === null ? null : JSON.stringify(plan)}::text::jsonb, ${instant(now)}) as answer`,
    z.object({ restored: z.number().int(), revoked: z.number().int() }),
  );
}
