import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Database, Transaction } from "@/db/client";
import { inRepeatableRead } from "@/db/repeatable-read";
import type { TransactionResult } from "@/ledger/call-ledger";
import { adjustCredits } from "@/ledger/debit";
import { IdempotencyConflict } from "@/ledger/errors";
import { getBalance } from "@/ledger/reads/balance";
import { unfreezeAccount } from "@/ledger/reconcile";
import { NotFound } from "@/lib/errors";
import {
  type Audited,
  type AuditFacts,
  auditedInput,
  auditReason,
  findAudit,
  recordAudit,
  targetId,
} from "../audit";
import { type CreditEffect, rehearseCredits } from "./rehearse-credits";
import { findUser } from "./user";

/** Larger adjustments are typing errors. */
const MAX_ADJUSTMENT = 1_000_000;

export const adjustInput = auditedInput
  .extend({
    userId: targetId,
    /** Whole credits, positive or negative. */
    amount: z
      .int()
      .min(-MAX_ADJUSTMENT)
      .max(MAX_ADJUSTMENT)
      .refine((amount) => amount !== 0),
    reason: auditReason,
    /** For positive amounts only; null means never. */
    expiresAt: z.iso
      .datetime()
      .transform((value) => new Date(value))
      .nullable(),
  })
  .refine(({ amount, expiresAt }) => amount > 0 || expiresAt === null, {
    message: "Only credits that are added can expire.",
    path: ["expiresAt"],
  });
export type Adjustment = Audited<typeof adjustInput>;

/**
 * Adjusts a user's credits and audits the balance before and after, in one transaction. A
 * resubmitted form (`id`) returns the first booking. A negative amount beyond the balance is
 * rejected and not recorded.
 * @throws NotFound, InsufficientCredits, InvalidExpiry, IdempotencyConflict, CreditAccountNotFound
 */
export async function adjustUserCredits(
  db: Database,
  adjustment: Adjustment,
): Promise<TransactionResult> {
  return inRepeatableRead(db, (tx) => adjust(tx, adjustment));
}

export const adjustPreviewInput = z.object({
  userId: adjustInput.shape.userId,
  amount: adjustInput.shape.amount,
  expiresAt: adjustInput.shape.expiresAt,
});

/**
 * Returns what an adjustment would do to the user's credits now. Writes nothing.
 * @throws NotFound, InsufficientCredits, InvalidExpiry, CreditAccountNotFound
 */
export async function previewAdjustment(
  db: Database,
  { userId, amount, expiresAt, now }: z.output<typeof adjustPreviewInput> & { readonly now: Date },
): Promise<CreditEffect> {
  const key = `adjust:${randomUUID()}`;
  return rehearseCredits(db, {
    userId,
    now,
    async write(tx) {
      if ((await findUser(tx, userId)) === undefined) throw new NotFound("user");
      await adjustCredits(tx, { userId, key, amount, source: key, expiresAt, now });
    },
  });
}

async function adjust(tx: Transaction, adjustment: Adjustment): Promise<TransactionResult> {
  const { id, actorId, userId, amount, reason, expiresAt, now } = adjustment;
  const key = `adjust:${id}`;
  const found = await findUser(tx, userId);
  if (found === undefined) throw new NotFound("user");
  const { available } = await getBalance(tx, { userId, now });
  const isNew = await recordAudit(tx, {
    id,
    actorId,
    action: "credits.adjust",
    targetUserId: userId,
    reason,
    before: { available },
    after: { available: available + amount, ...requestFacts(adjustment) },
    now,
  });
  if (!isNew) await requireSameRequest(tx, adjustment);
  // The ledger's keys are unique per user only; the audit entry ties the form to one user.
  return adjustCredits(tx, { userId, key, amount, source: key, expiresAt, now });
}

function requestFacts({ amount, expiresAt }: Adjustment): AuditFacts {
  return { amount, expiresAt: expiresAt?.toISOString() ?? null };
}

const storedFacts = z.record(z.string(), z.unknown());

async function requireSameRequest(tx: Transaction, adjustment: Adjustment) {
  const first = await findAudit(tx, adjustment.id);
  const stored = storedFacts.safeParse(first?.after).data;
  const requested = Object.entries(requestFacts(adjustment));
  const isSame = requested.every(([name, value]) => stored?.[name] === value);
  if (!isSame) throw new IdempotencyConflict(`adjust:${adjustment.id}`);
}

export const unfreezeInput = auditedInput.extend({ userId: targetId, reason: auditReason });

/**
 * Unfreezes an account and audits it. If the account is not frozen, changes and records nothing.
 * A resubmitted form (`id`) acts once, even if the account has been frozen again.
 * @throws NotFound, IdempotencyConflict
 */
export async function unfreezeUserAccount(
  db: Database,
  unfreeze: Audited<typeof unfreezeInput>,
): Promise<void> {
  const { id, userId, reason, actorId, now } = unfreeze;
  await inRepeatableRead(db, async (tx) => {
    const found = await findUser(tx, userId);
    if (found === undefined) throw new NotFound("user");
    if (found.frozenAt === null) return;
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "account.unfreeze",
      targetUserId: userId,
      reason,
      before: { frozenAt: found.frozenAt.toISOString(), frozenReason: found.frozenReason },
      after: { frozenAt: null },
      now,
    });
    if (isNew) await unfreezeAccount(tx, { userId, now });
  });
}
