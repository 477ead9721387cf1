import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { driverErrorOf } from "@/db/driver-error";
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
  SpendLimitExceeded,
  TransactionNotFound,
} from "./errors";
import { reportLedgerWrite } from "./written";

export const SPEND_WINDOWS = ["day", "month", "total"] as const;
export type SpendWindow = (typeof SPEND_WINDOWS)[number];

const instantText = z.iso.datetime().transform((text) => new Date(text));

/** The limit with the least remaining of those that apply to a write, after it. */
const limitStateSchema = z.object({
  window: z.enum(SPEND_WINDOWS),
  amount: z.number().int(),
  /** False: the limit refuses nothing. */
  isHard: z.boolean(),
  remaining: z.number().int(),
  /** Null for the window `total`. */
  resetsAt: instantText.nullable(),
});
export type LimitState = z.output<typeof limitStateSchema>;

/** In the results of spends and holds, and of what ends them. Missing if no limit applies. */
export const limitField = { limit: limitStateSchema.optional() };

/** The transaction a write recorded; with `replayed`, the one its key had recorded before. */
export const transactionResultSchema = z.object({
  seq: z.number().int(),
  type: z.string(),
  amount: z.number().int(),
  balanceAfter: z.number().int(),
  bookedAt: instantText,
  replayed: z.boolean(),
  ...limitField,
});
export type TransactionResult = z.output<typeof transactionResultSchema>;

/**
 * Runs one ledger function and parses the value it selects as `result`. A ledger error (SQLSTATE
 * `QF…`) is rethrown as the class of the same name; any other failure passes through unchanged.
 */
export async function callLedger<T extends z.ZodType>(
  tx: Transaction,
  call: SQL,
  resultSchema: T,
): Promise<z.output<T>> {
  try {
    const rows = await tx.execute<{ result: unknown }>(call);
    reportLedgerWrite();
    return resultSchema.parse(rows[0]?.result);
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/** An instant as a typed parameter. */
export function instant(at: Date | null): SQL {
  return sql`${at === null ? null : at.toISOString()}::timestamptz`;
}

/**
 * A number of credits as a typed parameter.
 * @throws InvalidAmount unless it is a safe integer
 */
export function credits(amount: number): SQL {
  if (!Number.isSafeInteger(amount)) {
    throw new InvalidAmount("An amount of credits must be a whole number.", null);
  }
  return sql`${amount}::bigint`;
}

/** A value as `jsonb`; undefined is null. Fields that are undefined are left out. */
export function json(value: object | undefined): SQL {
  return sql`${value === undefined ? null : JSON.stringify(value)}::text::jsonb`;
}

/** A number of hours as a Postgres interval. */
export function hours(count: number): SQL {
  return sql`make_interval(hours => ${count}::integer)`;
}

/** A refusal as `credits_raise` raises it. `detail` is JSON. */
export const refusalSchema = z.object({
  code: z.string(),
  message: z.string(),
  detail: z.string().optional(),
});

function refusalOf(error: unknown): Error | undefined {
  const refusal = refusalSchema.safeParse(driverErrorOf(error));
  return refusal.success ? ledgerErrorOf(refusal.data) : undefined;
}

/** The error class of a ledger's SQLSTATE `QF…`; undefined for any other. */
export function ledgerErrorOf({
  code,
  message,
  detail,
}: z.output<typeof refusalSchema>): Error | undefined {
  if (!code.startsWith("QF")) return undefined;
  const details = z.record(z.string(), z.unknown()).parse(JSON.parse(detail ?? "{}"));
  const numberOf = (name: string) => Number(details[name]);
  const errors: Record<string, () => Error> = {
    QF001: () =>
      new InsufficientCredits({ required: numberOf("required"), available: numberOf("available") }),
    QF002: () => new IdempotencyConflict(String(details.key)),
    QF003: () => new CreditAccountNotFound(),
    QF004: () => new AccountFrozen(),
    QF005: () => new HoldNotFound(),
    QF006: () => new HoldClosed(String(details.status)),
    QF007: () => new HoldLapsed(),
    QF008: () => new InvalidAmount(message, details.amount === null ? null : numberOf("amount")),
    QF009: () =>
      new RefundExceedsSpend({ amount: numberOf("amount"), refundable: numberOf("refundable") }),
    QF010: () => new TransactionNotFound(message),
    QF011: () => new InvalidExpiry(message),
    QF013: () => new AlreadyRestored(),
    QF014: () =>
      new SpendLimitExceeded({
        required: numberOf("required"),
        limit: numberOf("limit"),
        remaining: numberOf("remaining"),
        window: String(details.window),
        resetsAt: details.resetsAt === null ? null : String(details.resetsAt),
      }),
  };
  return errors[code]?.();
}
