import { z } from "zod";
import { outboxKind, outboxStatus, stripeEventStatus } from "@/db/schema";
import { runStatus } from "@/ledger/distribution/schema";
import { creditType } from "@/ledger/schema";
import { AUDIT_ACTIONS } from "./audit-actions";
import { LIST_ORDERS, parseCursor, parseUuidCursor } from "./lists/keyset";

/**
 * What comes from an address. Addresses are typed by hand, shared and bookmarked: what makes no
 * sense counts as absent, it is no error.
 */
const text = z
  .string()
  .trim()
  .max(200)
  // Postgres keeps no NUL in a text, so it finds nothing.
  .refine((value) => !value.includes("\0"))
  .catch("");
const cursor = z.string().transform(parseCursor).optional().catch(undefined);
const order = z.enum(LIST_ORDERS).catch("newest");
const turn = { older: cursor, newer: cursor, order };
const uuidCursor = z.string().transform(parseUuidCursor).optional().catch(undefined);
const uuidTurn = { older: uuidCursor, newer: uuidCursor, order };
/** One of a list that is not known here; "any" is none, as in the form's own list. */
const choice = text.transform((value) => (value === "any" ? "" : value));
/** A day in UTC, as a date field sends it. */
const day = z.iso
  .date()
  // The next day, too, is of a year with four digits.
  .refine((value) => value >= "1000" && value < "9999")
  .optional()
  .catch(undefined);
const optionalInstant = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value))
  // Of the years that have four digits in every zone.
  .refine((at) => at.getUTCFullYear() >= 1000 && at.getUTCFullYear() < 9999)
  .optional()
  .catch(undefined);

const entryNumber = z.coerce.number().int().positive().optional().catch(undefined);

export const ROLE_FILTERS = ["any", "user", "admin"] as const;
export const STATE_FILTERS = ["any", "banned", "frozen", "deleted"] as const;
export const PAID_FILTERS = ["any", "paid", "free"] as const;

export const usersAddress = z.object({
  q: text,
  role: z.enum(ROLE_FILTERS).catch("any"),
  state: z.enum(STATE_FILTERS).catch("any"),
  paid: z.enum(PAID_FILTERS).catch("any"),
  ...turn,
});
export type UsersFilter = z.output<typeof usersAddress>;

export const userAddress = z.object({
  at: optionalInstant,
  type: z.enum(creditType.enumValues).optional().catch(undefined),
  order,
  /** The page of the ledger that is older than this number, or newer than this one. */
  before: entryNumber,
  after: entryNumber,
});

export type UserTurn = Pick<z.output<typeof userAddress>, "order" | "before" | "after">;

export const eventsAddress = z.object({
  q: text,
  status: z.enum(["any", ...stripeEventStatus.enumValues]).catch("any"),
  type: choice,
  ...turn,
});
export type EventsFilter = z.output<typeof eventsAddress>;

/** What came back of a payment. */
export const BACK_FILTERS = ["any", "refunded", "disputed", "none"] as const;

export const paymentsAddress = z.object({
  q: text,
  item: choice,
  currency: choice,
  back: z.enum(BACK_FILTERS).catch("any"),
  /** The first and the last day on which it was paid. */
  from: day,
  to: day,
  ...turn,
});
export type PaymentsFilter = z.output<typeof paymentsAddress>;

export const outboxAddress = z.object({
  q: text,
  kind: z.enum(["any", ...outboxKind.enumValues]).catch("any"),
  status: z.enum(["any", ...outboxStatus.enumValues]).catch("any"),
  ...uuidTurn,
});
export type OutboxFilter = z.output<typeof outboxAddress>;

export const auditAddress = z.object({
  q: text,
  action: z.enum(["any", ...AUDIT_ACTIONS]).catch("any"),
  ...uuidTurn,
});
export type AuditFilter = z.output<typeof auditAddress>;

/** The page has two lists: the runs and, with turns of its own, the users whom they failed for. */
export const runsAddress = z.object({
  status: z.enum(["any", ...runStatus.enumValues]).catch("any"),
  ...uuidTurn,
  failingOlder: cursor,
  failingNewer: cursor,
});
export type RunsAddress = z.output<typeof runsAddress>;
export type RunsFilter = Omit<RunsAddress, "failingOlder" | "failingNewer">;

/** Days that the overview can look back on. */
export const OVERVIEW_DAYS = ["1", "7", "30", "90"] as const;
export const overviewAddress = z.object({ days: z.enum(OVERVIEW_DAYS).catch("30") });

/** Months that a report can cover. */
export const REPORT_MONTHS = ["6", "12", "24", "36"] as const;
export const reportsAddress = z.object({ months: z.enum(REPORT_MONTHS).catch("12") });

/** More than this in one adjustment is a slip of the keyboard. */
export const MAX_ADJUSTMENT = 1_000_000;
export const MIN_REASON = 3;
export const MAX_REASON = 500;

const reason = z.string().trim().min(MIN_REASON).max(MAX_REASON);
const userId = z.string().min(1).max(200);

/** The form's `id` is made with the form, so that the same form sent twice acts once. */
export const adjustInput = z
  .object({
    id: z.uuid(),
    userId,
    /** Whole credits, up or down. */
    amount: z
      .int()
      .min(-MAX_ADJUSTMENT)
      .max(MAX_ADJUSTMENT)
      .refine((amount) => amount !== 0),
    reason,
    /** Only for credits given; null: they never expire. */
    expiresAt: z.iso
      .datetime()
      .transform((value) => new Date(value))
      .nullable(),
  })
  .refine(({ amount, expiresAt }) => amount > 0 || expiresAt === null, {
    message: "Only credits given can expire.",
    path: ["expiresAt"],
  });

export const unfreezeInput = z.object({ id: z.uuid(), userId, reason });

export const banInput = z.object({ id: z.uuid(), userId, reason, banned: z.boolean() });

export const eventInput = z.object({ id: z.uuid(), eventId: z.string().min(1).max(200) });

export const closeEventInput = z.object({
  id: z.uuid(),
  eventId: z.string().min(1).max(200),
  reason,
});

export const outboxInput = z.object({ id: z.uuid(), outboxId: z.uuid() });

export const closeOutboxInput = z.object({ id: z.uuid(), outboxId: z.uuid(), reason });

/** A press that is about nothing in particular: replay all, start, reconcile. */
export const pressInput = z.object({ id: z.uuid() });

export const retryScheduleInput = z.object({ id: z.uuid(), userId });

export const endSessionInput = z.object({
  id: z.uuid(),
  userId,
  sessionId: z.string().min(1).max(200),
});
