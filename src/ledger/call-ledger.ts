import type { SQL } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import {
  AccountFrozen,
  AlreadyRestored,
  CreditAccountNotFound,
  HoldClosed,
  HoldLapsed,
  HoldNotFound,
  IdempotencyConflict,
  InsufficientCredits,
  InvalidAmount,
  InvalidExpiry,
  RefundExceedsSpend,
  TransactionNotFound,
} from "./errors";

/** What a write answers: the transaction it booked, or the one its key had booked before. */
export const bookingSchema = z.object({
  seq: z.number().int(),
  type: z.string(),
  amount: z.number().int(),
  balanceAfter: z.number().int(),
  bookedAt: z.iso.datetime().transform((text) => new Date(text)),
  replayed: z.boolean(),
});
export type Booking = z.output<typeof bookingSchema>;

/**
 * Calls one ledger function and parses its answer. A refusal by the database becomes the error with
 * its name; every other failure passes through unchanged.
 */
export async function callLedger<T extends z.ZodType>(
  tx: Transaction,
  call: SQL,
  answer: T,
): Promise<z.output<T>> {
  try {
    const rows = await tx.execute<{ answer: unknown }>(call);
    return answer.parse(rows[0]?.answer);
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

const driverError = z.object({
  code: z.string(),
  message: z.string(),
  detail: z.string().optional(),
});

function refusalOf(error: unknown): Error | undefined {
  // Drizzle wraps what the driver threw.
  const parsed = driverError.safeParse(error instanceof Error ? (error.cause ?? error) : error);
  if (!parsed.success || !parsed.data.code.startsWith("QF")) return undefined;
  const { code, message, detail } = parsed.data;
  const facts = z.record(z.string(), z.unknown()).parse(JSON.parse(detail ?? "{}"));
  const figure = (name: string) => Number(facts[name]);
  const refusals: Record<string, () => Error> = {
    QF001: () =>
      new InsufficientCredits({ required: figure("required"), available: figure("available") }),
    QF002: () => new IdempotencyConflict(String(facts.key)),
    QF003: () => new CreditAccountNotFound(),
    QF004: () => new AccountFrozen(),
    QF005: () => new HoldNotFound(),
    QF006: () => new HoldClosed(String(facts.status)),
    QF007: () => new HoldLapsed(),
    QF008: () => new InvalidAmount(message, facts.amount === null ? null : figure("amount")),
    QF009: () =>
      new RefundExceedsSpend({ amount: figure("amount"), refundable: figure("refundable") }),
    QF010: () => new TransactionNotFound(message),
    QF011: () => new InvalidExpiry(message),
    QF013: () => new AlreadyRestored(),
  };
  return refusals[code]?.();
}
