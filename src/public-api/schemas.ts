import { z } from "zod";
import { rateName, units as unitCounts } from "@/catalog/rate-card";
import { SPEND_WINDOWS } from "@/ledger/call-ledger";
import { UNBILLED_REASONS } from "@/ledger/hold";
import { creditType } from "@/ledger/schema";
import { pageLimit } from "@/product/api";

/** The schemas that parse requests, describe responses, and generate the OpenAPI document. */

const credits = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const instant = z.iso.datetime().meta({ description: "UTC, ISO 8601." });
export const userId = z
  .string()
  .regex(/^[\w-]{1,64}$/)
  .meta({ description: "The user that the service acts for. Omit it with a personal key." });

const amount = z.int().min(1).max(1_000_000_000).meta({ description: "Credits." });
const feature = z
  .string()
  .regex(/^[\w-]{1,60}$/)
  .meta({ description: "A feature of the catalogue. Its cost is the amount if none is given." });
const reference = z
  .string()
  .regex(/^[\w.:-]{1,100}$/)
  .meta({ description: "Your reference for the charge, such as a job id. Shown in the ledger." });

/** The path parameter `key`: the `Idempotency-Key` of the spend or hold. */
export const keyPath = z.object({
  key: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .meta({ description: "The `Idempotency-Key` of the spend or hold." }),
});

/** The path parameter `id` of one object. */
export const itemPath = z.object({ id: z.string() });

const writeKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/)
  .meta({
    description: "Identifies the write of its user. Retry a request with the same key.",
    example: "job-17",
  });
export const idempotencyHeader = z.object({ "Idempotency-Key": writeKey });

const units = unitCounts.meta({
  description: "Units by name, such as tokens. Priced by the feature's rate card, rounded up once.",
});
const whatItCosts = {
  user: userId.optional(),
  feature: feature.optional(),
  amount: amount.optional(),
  units: units.optional(),
  model: rateName.optional().meta({ description: "The model of the rate card." }),
  tier: rateName.optional().meta({ description: "The service tier of the rate card." }),
};
interface CostBody {
  readonly feature?: unknown;
  readonly amount?: unknown;
  readonly units?: unknown;
}
const hasCost = ({ feature, amount }: CostBody) => feature !== undefined || amount !== undefined;
const NO_COST = { message: "Give `feature`, `amount` or both.", path: ["amount"] };
const isPricedOnce = ({ amount, units }: CostBody) => amount === undefined || units === undefined;
const PRICED_TWICE = { message: "Give `amount` or `units`, not both.", path: ["units"] };

export const limitState = z
  .object({
    window: z.enum(SPEND_WINDOWS),
    limit: credits,
    remaining: credits,
    hard: z.boolean(),
    resets_at: instant.nullable(),
  })
  .meta({ id: "Limit", description: "The spending limit with the least remaining." });

export const balanceQuery = z.strictObject({
  user: userId.optional(),
  at: instant.optional().meta({ description: "The balance as of this instant. Default: now." }),
  lots: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional()
    .meta({ description: "Also lists the lots.", override: { type: "boolean", enum: undefined } }),
});
export const balance = z
  .object({
    user: z.string(),
    available: z.int().meta({ description: "Credits that can be spent. Negative: debt." }),
    held: credits,
    debt: credits,
    frozen: z.boolean(),
    lots: z
      .array(
        z.object({
          number: z.int(),
          type: z.enum(creditType.enumValues),
          available: credits,
          expires_at: instant.nullable(),
        }),
      )
      .optional(),
    limit: limitState.nullable(),
  })
  .meta({ id: "Balance" });

export const checkBody = z
  .strictObject(whatItCosts)
  .refine(hasCost, NO_COST)
  .refine(isPricedOnce, PRICED_TWICE);
export const check = z
  .object({
    allowed: z.boolean().meta({ description: "Whether this spend would succeed now." }),
    reason: z.enum(["insufficient_credits", "spend_limit_exceeded", "account_frozen"]).nullable(),
    required: credits,
    available: z.int(),
    limit: limitState.nullable(),
  })
  .meta({ id: "Check" });

const spendFields = { ...whatItCosts, reference: reference.optional() };
export const spendBody = z
  .strictObject(spendFields)
  .refine(hasCost, NO_COST)
  .refine(isPricedOnce, PRICED_TWICE);
export type SpendBody = z.output<typeof spendBody>;
export const spendBatchBody = z.strictObject({
  spends: z
    .array(
      z
        .strictObject({ key: writeKey, ...spendFields })
        .refine(hasCost, NO_COST)
        .refine(isPricedOnce, PRICED_TWICE),
    )
    .min(1)
    .max(256)
    .meta({ description: "1 to 256 spends, each with the key that names it." }),
});
export const refundBody = z.strictObject({
  user: userId.optional(),
  amount: amount
    .optional()
    .meta({ description: "Default: everything that has not been refunded yet." }),
});
export const holdBody = z
  .strictObject({
    ...whatItCosts,
    reference: reference.optional(),
    expires_in_seconds: z
      .int()
      .min(10)
      .max(86_400)
      .default(600)
      .meta({ description: "The hold lapses then. Not compared when a request is repeated." }),
  })
  .refine(hasCost, NO_COST)
  .refine(isPricedOnce, PRICED_TWICE);
export const extendBody = z
  .strictObject({
    user: userId.optional(),
    amount: amount.optional().meta({ description: "Additional credits to hold." }),
    units: units.optional().meta({ description: "Additional units expected." }),
    expires_in_seconds: z.int().min(10).max(86_400).optional().meta({
      description:
        "The hold lapses then, never before its current expiry. Not compared when a request is repeated.",
    }),
  })
  .refine(({ amount, units, expires_in_seconds }) => amount ?? units ?? expires_in_seconds, {
    message: "Give `amount`, `units` or `expires_in_seconds`.",
    path: ["amount"],
  })
  .refine(isPricedOnce, PRICED_TWICE);
export const captureBody = z
  .strictObject({
    user: userId.optional(),
    amount: amount.optional().meta({
      description: "Default: the whole hold. A larger amount is charged by the overrun policy.",
    }),
    units: units.optional().meta({
      description: "The units used, at the rate under which the hold was made.",
    }),
  })
  .refine(isPricedOnce, PRICED_TWICE);
export const releaseBody = z.strictObject({ user: userId.optional() });

export const written = {
  key: z.string().meta({ description: "The `Idempotency-Key`." }),
  user: z.string(),
  replayed: z.boolean().meta({ description: "True if the request had already been carried out." }),
  limit: limitState.nullable(),
};
export const booking = z
  .object({
    ...written,
    number: z.int().meta({ description: "The transaction's number in the user's ledger." }),
    amount: z.int().meta({ description: "Negative: spent. Positive: refunded." }),
    balance_after: z.int().meta({ description: "Available and held credits together." }),
    booked_at: instant,
  })
  .meta({ id: "Booking" });
export const capture = booking
  .extend({
    number: z
      .int()
      .nullable()
      .meta({ description: "The transaction's number. Null: nothing could be charged." }),
    unbilled: z
      .object({ amount: credits, reason: z.enum(UNBILLED_REASONS) })
      .nullable()
      .meta({
        description: "What the work cost and was not charged, and what stopped the charge.",
      }),
  })
  .meta({ id: "Capture" });
export const hold = z
  .object({ ...written, amount: credits, held_at: instant, expires_at: instant })
  .meta({ id: "Hold" });
export const extension = z
  .object({
    ...written,
    amount: credits.meta({ description: "Credits added to the hold." }),
    extended_at: instant,
    expires_at: instant.meta({ description: "When the hold lapses." }),
  })
  .meta({ id: "Extension" });
export const release = z
  .object({ ...written, released: credits, status: z.enum(["released", "lapsed"]) })
  .meta({ id: "Release" });

const day = z.iso.date();
export const usageQuery = z.strictObject({
  user: userId.optional(),
  from: day.meta({ description: "The first day, in UTC." }),
  to: day.meta({ description: "The last day, in UTC. At most 92 days." }),
});
export const usage = z
  .object({
    user: z.string(),
    usage: z.array(
      z.object({
        day: z.string(),
        feature: z.string().nullable(),
        service: z.string().nullable().meta({ description: "Null: spent on the site." }),
        spent: credits,
        refunded: credits,
        spends: z.int(),
        units: z.record(z.string(), z.int()).meta({ description: "Units used, by name." }),
        unbilled: credits.meta({ description: "What captures could not charge." }),
      }),
    ),
  })
  .meta({ id: "Usage" });

export const transactionsQuery = z.strictObject({
  user: userId.optional(),
  before: z
    .string()
    .regex(/^\d{1,15}$/, "Send the `next_before` of a page.")
    .optional()
    .meta({ description: "`next_before` of the page before." }),
  limit: pageLimit.meta({ description: "1 to 100. Default: 50." }),
});
export const transactions = z
  .object({
    user: z.string(),
    transactions: z.array(
      z.object({
        number: z.int(),
        type: z.enum(creditType.enumValues),
        amount: z.int(),
        balance_after: z.int(),
        source: z.string(),
        feature: z.string().nullable(),
        service: z.string().nullable(),
        key: z
          .string()
          .nullable()
          .meta({ description: "The `Idempotency-Key`, if your service wrote it." }),
        booked_at: instant.nullable().meta({ description: "Null: an expiry not booked yet." }),
        effective_at: instant,
      }),
    ),
    next_before: z.string().nullable(),
  })
  .meta({ id: "Transactions" });

export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: "Stable: compare this." }),
    request_id: z.string().meta({ description: "Quote it when you contact us." }),
    field: z.string().optional().meta({ description: "The field of an `invalid_request`." }),
    required: z
      .int()
      .optional()
      .meta({ description: "With 402: the credits that the request needs." }),
    available: z.int().optional().meta({ description: "With 402: the credits available." }),
    window: z.enum(SPEND_WINDOWS).optional().meta({ description: "Of the limit exceeded." }),
    limit: z.int().optional(),
    remaining: z.int().optional(),
    resets_at: z.string().nullable().optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457. Some codes add members, such as `required`." });

export const spendBatch = z
  .object({
    results: z.array(
      z.object({
        key: z.string(),
        booking: booking.nullable().meta({ description: "Null: the spend was refused." }),
        problem: problem.nullable().meta({ description: "Why it was refused, or null." }),
      }),
    ),
  })
  .meta({ id: "SpendBatch", description: "One result for each spend, in their order." });
