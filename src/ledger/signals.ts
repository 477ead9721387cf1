import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor, Transaction } from "@/db/client";
import { instant, SPEND_WINDOWS } from "./call-ledger";

const crossing = z.object({
  /** What can be spent after the write. Not positive if depleted, negative in debt. */
  available: z.int(),
  /** The first balance that is not low; 1 for `balance-depleted`. */
  threshold: z.int(),
  /** Whether a spend or hold lowered the balance, and not an expiry, a revocation or an adjustment. */
  isCharge: z.boolean(),
});
const instantText = z.iso.datetime().transform((text) => new Date(text));
const nameOrNull = z.string().nullable();

const limitReached = z.object({
  limitId: z.string(),
  /** Whether the limit names the user; otherwise it counts what the service spends for all users. */
  isOfUser: z.boolean(),
  serviceId: nameOrNull,
  window: z.enum(SPEND_WINDOWS),
  amount: z.int(),
  isHard: z.boolean(),
  used: z.int(),
  /** Null for the window `total`. */
  startsAt: instantText.nullable(),
  resetsAt: instantText.nullable(),
});

const holdLapsed = z.object({
  holdKey: z.string(),
  amount: z.int(),
  serviceId: nameOrNull,
  feature: nameOrNull,
  heldAt: instantText,
});

const stored = { id: z.string(), userId: z.string(), at: z.coerce.date() };
/**
 * A fact about a write that the rest of the application acts on: the balance fell below the account's
 * threshold, or to 0 or less; a limit was reached; a hold lapsed. Once for each time it happens.
 */
const creditSignal = z.discriminatedUnion("kind", [
  z.object({ ...stored, kind: z.literal("balance-low"), facts: crossing }),
  z.object({ ...stored, kind: z.literal("balance-depleted"), facts: crossing }),
  z.object({ ...stored, kind: z.literal("limit-reached"), facts: limitReached }),
  z.object({ ...stored, kind: z.literal("hold-lapsed"), facts: holdLapsed }),
]);
export type CreditSignal = z.output<typeof creditSignal>;

/**
 * Deletes and returns the oldest signals, up to `limit`, except those in `except`. They stay if the
 * caller's transaction rolls back. Concurrent callers get different ones.
 */
export async function takeSignals(
  tx: Transaction,
  { limit, except = [] }: { limit: number; except?: readonly string[] },
): Promise<CreditSignal[]> {
  const rows = await tx.execute(sql`
    select id, user_id as "userId", kind, facts, at
    from credits_take_signals(${limit}::integer, ${sql.param([...except])}::text[]::uuid[])`);
  return z.array(creditSignal).parse([...rows]);
}

/** Whether a signal waits. Costs one index look-up. */
export async function hasSignals(reader: Executor): Promise<boolean> {
  const [row] = await reader.execute<{ found: boolean }>(
    sql`select exists (select from credit_signal) as found`,
  );
  return row?.found === true;
}

/** Deletes up to `limit` signals from before an instant, which nothing could handle. Returns their number. */
export async function pruneSignals(
  db: Database,
  { before, limit }: { before: Date; limit: number },
): Promise<number> {
  const [row] = await db.execute<{ pruned: string }>(
    sql`select credits_prune_signals(${instant(before)}, ${limit}::integer) as pruned`,
  );
  return Number(row?.pruned ?? 0);
}

/**
 * Sets the balance below which a user's balance is low; null: the default. Locks the account: make this
 * the last statement before COMMIT.
 */
export async function setLowBalance(
  tx: Transaction,
  { userId, credits, now }: { userId: string; credits: number | null; now: Date },
): Promise<void> {
  await tx.execute(
    sql`select credits_set_low_balance(${userId}, ${credits}::bigint, ${instant(now)})`,
  );
}

/** Sets the default threshold, for users without their own. */
export async function setLowBalanceDefault(db: Executor, credits: number): Promise<void> {
  await db.execute(sql`select credits_set_low_balance_default(${credits}::bigint)`);
}
