import { z } from "zod/mini";

const item = z.string();
const count = z.int().check(z.nonnegative());
const money = { amountCents: count, currency: z.string() };
/** Instants travel through JSON as ISO strings. */
const instant = z.iso.datetime();

/** What each kind of notice states. The words are found when it is read, in the reader's language. */
export const noticeContent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("purchase-received"),
    /** `creditsFrom`: they are still to come, the first on this day. */
    facts: z.object({
      ...{ item, credits: count, ...money },
      expiresAt: z.nullable(instant),
      creditsFrom: z.optional(instant),
    }),
  }),
  z.object({
    kind: z.literal("payment-failed"),
    facts: z.object({ item, ...money, nextAttemptAt: z.nullable(instant) }),
  }),
  z.object({
    kind: z.literal("credits-expiring"),
    /** The sum over all lots of the digest, and when the first of them expires. */
    facts: z.object({ credits: count, firstExpiresAt: instant }),
  }),
  z.object({
    kind: z.literal("low-balance"),
    facts: z.object({ available: count, cost: count }),
  }),
]);
export type NoticeContent = z.output<typeof noticeContent>;

/** A notice as the bell shows it and `GET /api/notifications` answers it. */
export const notice = z.intersection(
  z.object({ id: z.string(), createdAt: instant, readAt: z.nullable(instant) }),
  noticeContent,
);
export type Notice = z.output<typeof notice>;

export const noticeList = z.object({
  /** Newest first. */
  notices: z.array(notice),
  /** Of all, not only of those listed. */
  unread: count,
});
export type NoticeList = z.output<typeof noticeList>;
