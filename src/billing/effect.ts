import type { Transaction } from "@/db/client";
import type { BillingDeps } from "./deps";
import type { StoredEvent } from "./inbox/store-event";

/** What handling came to. */
export interface Outcome {
  /** `dead` at once: ours, but contradicted or unresolvable; an admin must look. */
  readonly status: "handled" | "ignored" | "dead";
  /** What was done or why nothing was, in words for the admin. */
  readonly note: string;
  readonly userId: string | null;
  /** Writes to the ledger, which lock the account: they run last, right before COMMIT. */
  readonly credits: readonly CreditWrite[];
}

export type CreditWrite = (tx: Transaction) => Promise<unknown>;

/** All that an event changes, given the transaction that also closes it in the inbox. No network. */
export type Effect = (tx: Transaction) => Promise<Outcome>;

/** Loads from Stripe what is needed and answers the effect, in this order: no network in a transaction. */
export type Handler = (billing: BillingDeps, event: StoredEvent) => Promise<Effect>;

export function handled(
  note: string,
  userId: string | null,
  credits: readonly CreditWrite[] = [],
): Outcome {
  return { status: "handled", note, userId, credits };
}

export function ignored(note: string): Outcome {
  return { status: "ignored", note, userId: null, credits: [] };
}

export function dead(note: string, userId: string | null = null): Outcome {
  return { status: "dead", note, userId, credits: [] };
}

/** An effect that reads and writes nothing. */
export function nothing(outcome: Outcome): Effect {
  return async () => outcome;
}

/** Runs an effect in a transaction of its own, for what no event in the inbox stands behind. */
export async function applyEffect(billing: BillingDeps, effect: Effect): Promise<Outcome> {
  return billing.db.transaction(async (tx) => {
    const outcome = await effect(tx);
    await writeInOrder(tx, outcome.credits);
    return outcome;
  });
}

export async function writeInOrder(tx: Transaction, writes: readonly CreditWrite[]): Promise<void> {
  for (const write of writes) await write(tx);
}
