import type { Transaction } from "@/db/client";
import type { BillingDeps } from "./deps";
import type { StoredEvent } from "./inbox/store-event";

/** The result of handling an event. */
export interface Outcome {
  /** `dead`: ours, but contradictory or unresolvable. An admin must look, so there is no retry. */
  readonly status: "handled" | "ignored" | "dead";
  /** What was done, or why nothing was. Shown to admins. */
  readonly note: string;
  readonly userId: string | null;
  /** Ledger writes. They lock the credit account, so they run last, right before COMMIT. */
  readonly credits: readonly CreditWrite[];
}

export type CreditWrite = (tx: Transaction) => Promise<unknown>;

/** Applies all changes of an event in the transaction that also closes it. Makes no network calls. */
export type Effect = (tx: Transaction) => Promise<Outcome>;

/** Loads what is needed from Stripe, then returns the effect. */
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
export function noEffect(outcome: Outcome): Effect {
  return async () => outcome;
}

/** Runs an effect in its own transaction, without an event in the inbox. */
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
