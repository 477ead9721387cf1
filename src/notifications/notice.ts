import { z } from "zod/mini";
import { BILLING_EVENTS } from "@/emails/billing-events";

/** A reminder is sent this many days before a lot expires. Pages quote the same number. */
export const REMIND_BEFORE_DAYS = 7;

const item = z.string();
const count = z.int().check(z.nonnegative());
const money = { amountCents: count, currency: z.string() };
/** ISO 8601, because notices are stored and sent as JSON. */
const instant = z.iso.datetime();

/**
 * The kinds of notices and the facts of each. The text is composed when a notice is displayed, in
 * the user's language.
 */
const noticeContent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("purchase-received"),
    facts: z.object({
      item,
      credits: count,
      ...money,
      /** Null: the credits never expire. */
      expiresAt: z.nullable(instant),
      /** Set if the first credits come later than the payment. */
      creditsFrom: z.optional(instant),
    }),
  }),
  z.object({
    kind: z.literal("payment-failed"),
    facts: z.object({ item, ...money, nextAttemptAt: z.nullable(instant) }),
  }),
  z.object({
    kind: z.literal("billing-change"),
    /** The amount is what was returned, disputed or not paid; 0 for the end of a plan. */
    facts: z.object({ event: z.enum(BILLING_EVENTS), item, ...money, endsPlan: z.boolean() }),
  }),
  z.object({
    kind: z.literal("renewal"),
    facts: z.object({ item, ...money, renewsAt: instant }),
  }),
  z.object({
    kind: z.literal("credits-expiring"),
    /** The sum of the digest's lots, and the earliest expiry among them. */
    facts: z.object({ credits: count, firstExpiresAt: instant }),
  }),
  z.object({
    kind: z.literal("low-balance"),
    facts: z.object({ available: count, cost: count }),
  }),
  z.object({
    kind: z.literal("key-limit"),
    /** The key's name, its cap in credits, and when the cap resets; null: never. */
    facts: z.object({ name: z.string(), limit: count, resetsAt: z.nullable(instant) }),
  }),
]);
export type NoticeContent = z.output<typeof noticeContent>;

/** A notice as `GET /api/notifications` returns it. */
export const notice = z.intersection(
  z.object({ id: z.string(), createdAt: instant, readAt: z.nullable(instant) }),
  noticeContent,
);
export type Notice = z.output<typeof notice>;

export const noticeList = z.object({
  /** Newest first; limited. */
  notices: z.array(notice),
  /** Counts all unread notices, listed or not. */
  unread: count,
});
export type NoticeList = z.output<typeof noticeList>;
