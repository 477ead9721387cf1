import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import {
  callLedger,
  credits,
  instant,
  json,
  limitField,
  transactionResultSchema,
} from "./call-ledger";
import type { Spender, Usage } from "./debit";
import { creditOverrun, unbilledReason } from "./schema";

const instantText = z.iso.datetime().transform((text) => new Date(text));
const holdSchema = z.object({
  key: z.string(),
  amount: z.number().int(),
  heldAt: instantText,
  expiresAt: instantText,
  replayed: z.boolean(),
  ...limitField,
});
export type Hold = z.output<typeof holdSchema>;

export const OVERRUN_POLICIES = creditOverrun.enumValues;
export type OverrunPolicy = (typeof OVERRUN_POLICIES)[number];

/**
 * What happens to a capture above its hold or after its lapse (docs/decisions/0091): `refuse` and `cap`
 * charge at most the amount of the hold, `charge` takes the rest from the balance and up to `debtLimit`
 * into debt. What cannot be charged is recorded as unbilled.
 */
export interface Overrun {
  readonly policy: OverrunPolicy;
  /** With `charge`: the debt of the account that it may lead to. Default: none. */
  readonly debtLimit?: number | undefined;
}

/**
 * Reserves credits for work in progress, once per key. The hold can be captured until `expiresAt`
 * and lapses then: its credits are available again. Counts against the limits that apply. Locks the
 * account: make this the last statement before COMMIT.
 * @throws InsufficientCredits, SpendLimitExceeded, AccountFrozen, IdempotencyConflict, InvalidAmount, InvalidExpiry,
 * CreditAccountNotFound
 */
export async function holdCredits(
  tx: Transaction,
  hold: {
    userId: string;
    key: string;
    amount: number;
    source: string;
    expiresAt: Date;
    /** The rate that applies at the capture. The ledger only keeps it. */
    rate?: object | undefined;
    /** Without it, captures above the hold and after its lapse are refused. */
    overrun?: Overrun | undefined;
    now: Date;
  } & Spender,
): Promise<Hold> {
  return callLedger(
    tx,
    sql`select credits_hold(${hold.userId}, ${hold.key}, ${credits(hold.amount)}, ${hold.source},
      ${instant(hold.expiresAt)}, ${instant(hold.now)}, ${hold.serviceId ?? null}::text,
      ${hold.feature ?? null}::text, ${json(hold.usage)}, ${json(hold.rate)},
      ${hold.overrun?.policy ?? null}::credit_overrun, ${
        hold.overrun?.debtLimit === undefined ? sql`null::bigint` : credits(hold.overrun.debtLimit)
      }) as result`,
    holdSchema,
  );
}

const extensionSchema = holdSchema.omit({ heldAt: true }).extend({ extendedAt: instantText });
/** `amount` is what the extension added, `expiresAt` the expiry of the hold after it. */
export type Extension = z.output<typeof extensionSchema>;

/**
 * Extends an open hold, once per key: holds `amount` more credits, moves its expiry to `expiresAt`, or
 * both. Never shortens it. What is added counts in the window in which the hold was made. Locks the
 * account: make this the last statement before COMMIT.
 * @throws HoldNotFound, HoldClosed, HoldLapsed, InsufficientCredits, SpendLimitExceeded, AccountFrozen if
 * credits are added, IdempotencyConflict, InvalidAmount, InvalidExpiry, CreditAccountNotFound
 */
export async function extendHold(
  tx: Transaction,
  extension: {
    userId: string;
    holdKey: string;
    key: string;
    amount?: number;
    expiresAt?: Date | null;
    /** The expected use that `amount` pays for. */
    usage?: Usage | undefined;
    now: Date;
  },
): Promise<Extension> {
  return callLedger(
    tx,
    sql`select credits_extend(${extension.userId}, ${extension.holdKey}, ${extension.key},
      ${credits(extension.amount ?? 0)}, ${instant(extension.expiresAt ?? null)},
      ${instant(extension.now)}, ${json(extension.usage)}) as result`,
    extensionSchema,
  );
}

export const UNBILLED_REASONS = unbilledReason.enumValues;

const captureSchema = transactionResultSchema.extend({
  /** Null: nothing could be charged, and no transaction was booked. */
  seq: z.number().int().nullable(),
  /** Missing if everything was charged. */
  unbilled: z
    .object({
      amount: z.number().int(),
      /** What the work cost. */
      requested: z.number().int(),
      /** What stopped the charge. */
      reason: z.enum(UNBILLED_REASONS),
      overrun: z.enum(OVERRUN_POLICIES),
    })
    .optional(),
});
export type Capture = z.output<typeof captureSchema>;

/**
 * Spends a hold, or its first `amount` credits; the remainder returns to its lots. More than the hold, or
 * a hold that has lapsed, is charged by the overrun policy of the hold; what is not charged is recorded
 * and returned as `unbilled`. Locks the account: make this the last statement before COMMIT.
 * @throws HoldNotFound, HoldClosed, InvalidAmount, IdempotencyConflict, CreditAccountNotFound; HoldLapsed
 * if the hold has no policy
 */
export async function captureHold(
  tx: Transaction,
  capture: {
    userId: string;
    holdKey: string;
    key: string;
    amount?: number;
    usage?: Usage | undefined;
    now: Date;
  },
): Promise<Capture> {
  const amount = capture.amount === undefined ? sql`null::bigint` : credits(capture.amount);
  return callLedger(
    tx,
    sql`select credits_capture(${capture.userId}, ${capture.holdKey}, ${capture.key}, ${amount},
      ${instant(capture.now)}, ${json(capture.usage)}) as result`,
    captureSchema,
  );
}

const releaseSchema = z.object({
  released: z.number().int(),
  status: z.enum(["released", "lapsed"]),
  replayed: z.boolean(),
  ...limitField,
});
export type Release = z.output<typeof releaseSchema>;

/**
 * Returns a hold's credits to their lots. Releasing a lapsed hold is not an error: it returns
 * `released: 0`. Locks the account: make this the last statement before COMMIT.
 * @throws HoldNotFound, HoldClosed, IdempotencyConflict, CreditAccountNotFound
 */
export async function releaseHold(
  tx: Transaction,
  release: { userId: string; holdKey: string; key: string; now: Date },
): Promise<Release> {
  return callLedger(
    tx,
    sql`select credits_release(${release.userId}, ${release.holdKey}, ${release.key},
      ${instant(release.now)}) as result`,
    releaseSchema,
  );
}
