import { millisecondsInDay } from "date-fns/constants";
import type { Database } from "@/db/client";
import { type LedgerCall, writeCredits } from "./calls";

export type WriteCall = Exclude<
  LedgerCall,
  { write: "limit" | "sweep" | "freeze" | "move-expiry" }
>;

export const NOW = new Date("2026-03-01T12:00:00Z");
const later = (days: number, from = NOW) => new Date(from.getTime() + days * millisecondsInDay);

/** Creates an account that every write of `writeCalls` applies to: lots, a spend (seq 3), a hold and a revocation (seq 4). */
export async function prepareAccount(db: Database, userId: string): Promise<void> {
  const lot = { type: "PURCHASE_PACKAGE", paid: true, now: NOW } as const;
  const calls: WriteCall[] = [
    {
      write: "grant",
      input: { ...lot, key: "g1", amount: 100, source: "checkout:a", expiresAt: later(20) },
    },
    {
      write: "grant",
      input: { ...lot, key: "g2", amount: 100, source: "checkout:b", expiresAt: null },
    },
    { write: "spend", input: { key: "s", amount: 10, source: "reading:1", now: NOW } },
    { write: "revoke", input: { key: "v", amount: 30, source: "checkout:a", now: NOW } },
    {
      write: "hold",
      input: { key: "h", amount: 20, source: "reading:2", expiresAt: later(30), now: NOW },
    },
  ];
  for (const call of calls) await db.transaction((tx) => writeCredits(tx, userId, call));
}

/** Lists one call of every write, all with the same key, that succeeds on a prepared account. */
export function writeCalls(key: string, now = NOW): WriteCall[] {
  const source = "reading:3";
  return [
    {
      write: "grant",
      input: {
        key,
        amount: 5,
        type: "DAILY_SIGNIN",
        source,
        expiresAt: later(30, now),
        paid: false,
        now,
      },
    },
    { write: "spend", input: { key, amount: 5, source, now } },
    { write: "hold", input: { key, amount: 5, source, expiresAt: later(1, now), now } },
    {
      write: "extend",
      input: { holdKey: "h", key, amount: 5, expiresAt: later(60, now), now },
    },
    { write: "capture", input: { holdKey: "h", key, amount: 15, now } },
    { write: "release", input: { holdKey: "h", key, now } },
    { write: "refund", input: { spendSeq: 3, key, amount: 3, now } },
    { write: "revoke", input: { key, amount: 5, source: "checkout:b", now } },
    { write: "restore", input: { revokeSeq: 4, key, now } },
    { write: "adjust", input: { key, amount: -5, source: "admin:form", expiresAt: null, now } },
  ];
}
