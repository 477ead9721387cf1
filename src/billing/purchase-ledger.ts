import { and, eq, inArray, lte, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { creditLot, creditTransaction } from "@/db/schema";

/** A revocation on a purchase's account. */
export interface Revocation {
  readonly seq: number;
  readonly amount: number;
  readonly isRestored: boolean;
}

/** What the ledger says of one purchase. */
export interface PurchaseLedger {
  /** Granted under it so far, all months. */
  readonly granted: number;
  /** Of that, expired without having been spent, booked or not. */
  readonly expired: number;
  /** By idempotency key. */
  readonly revocations: ReadonlyMap<string, Revocation>;
}

/** Reads what was granted under a purchase, what of it expired, and what was taken back for it. */
export async function readPurchaseLedger(
  tx: Transaction,
  { userId, source, now }: { userId: string; source: string; now: Date },
): Promise<PurchaseLedger> {
  const of = and(eq(creditTransaction.userId, userId), eq(creditTransaction.source, source));
  const rows = await tx.select().from(creditTransaction).where(of);
  const restored = new Set(
    rows.filter(({ type }) => type === "RESTORE").map(({ relatedSeq }) => relatedSeq),
  );
  const granted = rows
    .filter(({ operation }) => operation === "grant")
    .reduce((sum, { amount }) => sum + amount, 0);
  const revocations = rows
    .filter(({ type }) => type === "REVOKE")
    .map(({ idempotencyKey, seq, amount }): [string, Revocation] => [
      idempotencyKey,
      { seq, amount: -amount, isRestored: restored.has(seq) },
    ]);
  const expired = await sumExpired(tx, { userId, source, now });
  return { granted, expired, revocations: new Map(revocations) };
}

async function sumExpired(
  tx: Transaction,
  { userId, source, now }: { userId: string; source: string; now: Date },
): Promise<number> {
  const lots = and(eq(creditLot.userId, userId), eq(creditLot.source, source));
  const [booked] = await tx
    .select({ credits: sql<string>`coalesce(-sum(${creditTransaction.amount}), 0)` })
    .from(creditTransaction)
    .where(
      and(
        eq(creditTransaction.userId, userId),
        eq(creditTransaction.type, "EXPIRE"),
        inArray(
          creditTransaction.lotSeq,
          tx.select({ seq: creditLot.seq }).from(creditLot).where(lots),
        ),
      ),
    );
  const [due] = await tx
    .select({ credits: sql<string>`coalesce(sum(${creditLot.remaining}), 0)` })
    .from(creditLot)
    .where(and(lots, lte(creditLot.expiresAt, now)));
  return Number(booked?.credits ?? 0) + Number(due?.credits ?? 0);
}
