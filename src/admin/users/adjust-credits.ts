import { z } from "zod";
import type { Database, Transaction } from "@/db/client";
import type { TransactionResult } from "@/ledger/call-ledger";
import { adjustCredits } from "@/ledger/debit";
import { IdempotencyConflict } from "@/ledger/errors";
import { getBalance } from "@/ledger/reads/balance";
import { NotFound } from "@/lib/errors";
import { type AuditFacts, findAudit, recordAudit } from "../audit";
import type { adjustInput } from "../input";
import { retrySerialization } from "../retry-serialization";
import { findUser } from "./user";

export type Adjustment = z.output<typeof adjustInput> & {
  readonly actorId: string;
  readonly now: Date;
};

/**
 * Corrects a user's credits up or down and writes down who did it, why, and the balance before and
 * after, in one transaction. The same form (`id`) sent again answers with the first booking; with
 * other contents it is an `IdempotencyConflict`. Down beyond the balance is refused and leaves no
 * trace.
 *
 * Repeatable read makes the audited balances exact: if anything is booked on the account between
 * reading it and locking it, Postgres refuses the lock and the transaction is done anew. Locking
 * first would hold the account over a second round trip.
 * @throws NotFound, InsufficientCredits, InvalidExpiry, IdempotencyConflict, CreditAccountNotFound
 */
export async function adjustUserCredits(
  db: Database,
  adjustment: Adjustment,
): Promise<TransactionResult> {
  return retrySerialization(() =>
    db.transaction((tx) => adjustOnce(tx, adjustment), { isolationLevel: "repeatable read" }),
  );
}

async function adjustOnce(tx: Transaction, adjustment: Adjustment): Promise<TransactionResult> {
  const { id, actorId, userId, amount, reason, expiresAt, now } = adjustment;
  const key = `adjust:${id}`;
  const found = await findUser(tx, userId);
  if (found === undefined) throw new NotFound("user");
  const { available } = await getBalance(tx, { userId, at: laterOf(now, found.asOf) });
  const after = { available: available + amount, ...facts(adjustment) };
  const isNew = await recordAudit(tx, {
    ...{ id, actorId, action: "credits.adjust", targetUserId: userId, reason, now },
    before: { available },
    after,
  });
  if (!isNew) await requireSameForm(tx, adjustment, key);
  // The key is unique to the user only, so the audit row above is what keeps the form to one user.
  return adjustCredits(tx, { userId, key, amount, source: key, expiresAt, now });
}

/** What the person asked for, in the form in which the audit keeps it. */
function facts({ amount, expiresAt }: Adjustment): AuditFacts {
  return { amount, expiresAt: expiresAt?.toISOString() ?? null };
}

const auditedFacts = z.record(z.string(), z.unknown());

async function requireSameForm(tx: Transaction, adjustment: Adjustment, key: string) {
  const first = await findAudit(tx, adjustment.id);
  const kept = auditedFacts.safeParse(first?.after).data;
  const asked = Object.entries(facts(adjustment));
  const same = asked.every(([name, value]) => kept?.[name] === value);
  if (!same) throw new IdempotencyConflict(key);
}

/** An account's time never runs backward: the write will happen no earlier than its last one. */
function laterOf(now: Date, asOf: Date | null): Date {
  return asOf !== null && asOf > now ? asOf : now;
}
