import { and, asc, desc, eq, getTableColumns, inArray, ne, or } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { checkoutSession, notification, payment, subscription, user } from "@/db/schema";
import { trialSource } from "@/ledger/grant";
import { creditSchedule, creditTransaction } from "@/ledger/schema";
import { keyContainsAny } from "../lists/conditions";
import { listOutboxAbout } from "../outbox";
import { type EventSubject, subjectOf } from "./event-subject";
import { readEvent, type StoredEvent } from "./events";

/** Most rows of each kind. Enough for a year's allotments and their reversals. */
const MOST_ROWS = 30;

/** One event and what it changed, or undefined. */
export async function readEventPage(reader: Executor, id: string) {
  const event = await readEvent(reader, id);
  return event && { event, changes: await readEventChanges(reader, event) };
}

/**
 * Reads every stored row that an event is about, and so every row that handling it can have changed.
 * Rows are found by the ids in the payload, also if another event of the same purchase or the success
 * page created them. Each read uses an index or covers one user's rows.
 */
export async function readEventChanges(
  reader: Executor,
  event: Pick<StoredEvent, "type" | "payload" | "userId">,
) {
  const subject = subjectOf(event);
  const [payments, session, customerOf] = await Promise.all([
    readPayments(reader, subject),
    readSession(reader, subject),
    subject.customerId === null
      ? undefined
      : readUser(reader, user.stripeCustomerId, subject.customerId),
  ]);
  const subscriptions = await readSubscriptions(reader, {
    ...subject,
    ids: [subject.subscriptionId, ...payments.map((row) => row.subscriptionId)],
    ownerId: event.type === "customer.deleted" ? (customerOf?.id ?? event.userId) : null,
  });
  const owner = event.userId ?? [...payments, ...subscriptions, session][0]?.userId;
  const eventUser = owner === undefined ? customerOf : await readUser(reader, user.id, owner);
  const found = { user: eventUser, payments, session, subscriptions };
  if (eventUser === undefined)
    return { ...found, ledger: [], schedules: [], notices: [], outbox: [] };
  const trials = subscriptions.map((row) => trialSource({ subscriptionId: row.id }));
  const paid = payments.map((row) => row.id);
  const sources = [...new Set([...subject.sources, ...paid, ...trials])];
  const { subscriptionId, sessionId, invoiceId } = subject;
  const paidIds = payments.flatMap((row) => [row.sessionId, row.invoiceId]);
  const ids = [...paidIds, subscriptionId, sessionId, invoiceId].filter((id) => id !== null);
  const owned = { userId: eventUser.id, sources, ids, subscriptionId };
  const [ledger, schedules, notices, outbox] = await Promise.all([
    readLedger(reader, owned),
    readSchedules(reader, owned),
    readNotices(reader, owned),
    listOutboxAbout(reader, { ...owned, limit: MOST_ROWS }),
  ]);
  return { ...found, ledger, schedules, notices, outbox };
}
export type EventChanges = Awaited<ReturnType<typeof readEventChanges>>;

interface OwnedSubject {
  readonly userId: string;
  readonly sources: readonly string[];
  /** Stripe ids that occur in idempotency keys. */
  readonly ids: readonly string[];
  readonly subscriptionId: string | null;
}

/** By the invoice as well, because a one-time purchase is named after its session. */
async function readPayments(
  reader: Executor,
  { sources, invoiceId, paymentIntentId }: EventSubject,
) {
  if (sources.length === 0 && paymentIntentId === null) return [];
  return reader
    .select()
    .from(payment)
    .where(
      or(
        sources.length === 0 ? undefined : inArray(payment.id, [...sources]),
        invoiceId === null ? undefined : eq(payment.invoiceId, invoiceId),
        paymentIntentId === null ? undefined : eq(payment.paymentIntentId, paymentIntentId),
      ),
    )
    .orderBy(desc(payment.paidAt), asc(payment.id))
    .limit(MOST_ROWS);
}

async function readSession(reader: Executor, { sessionId }: EventSubject) {
  if (sessionId === null) return undefined;
  const { id, userId, item, status, createdAt } = getTableColumns(checkoutSession);
  const [found] = await reader
    .select({ id, userId, item, status, createdAt })
    .from(checkoutSession)
    .where(eq(checkoutSession.id, sessionId));
  return found;
}

/** By id, or by customer and owner, because subscriptions have no index on the customer. */
async function readSubscriptions(
  reader: Executor,
  wanted: {
    ids: readonly (string | null)[];
    ownerId: string | null;
    customerId: string | null;
  },
) {
  const ids = wanted.ids.filter((id) => id !== null);
  const { ownerId, customerId } = wanted;
  const isOfCustomer =
    ownerId === null || customerId === null
      ? undefined
      : and(eq(subscription.userId, ownerId), eq(subscription.customerId, customerId));
  const isListed = ids.length === 0 ? undefined : inArray(subscription.id, ids);
  if (isListed === undefined && isOfCustomer === undefined) return [];
  return reader
    .select()
    .from(subscription)
    .where(or(isListed, isOfCustomer))
    .orderBy(desc(subscription.createdAt), subscription.id)
    .limit(MOST_ROWS);
}

async function readUser(
  reader: Executor,
  by: typeof user.id | typeof user.stripeCustomerId,
  id: string,
) {
  const [found] = await reader
    .select({ id: user.id, email: user.email })
    .from(user)
    .where(eq(by, id));
  return found;
}

/** Without expiries, which no event causes. Latest first. */
async function readLedger(reader: Executor, { userId, sources }: OwnedSubject) {
  if (sources.length === 0) return [];
  return reader
    .select()
    .from(creditTransaction)
    .where(
      and(
        eq(creditTransaction.userId, userId),
        inArray(creditTransaction.source, [...sources]),
        ne(creditTransaction.type, "EXPIRE"),
      ),
    )
    .orderBy(desc(creditTransaction.seq))
    .limit(MOST_ROWS);
}

async function readSchedules(reader: Executor, { userId, sources, subscriptionId }: OwnedSubject) {
  if (sources.length === 0 && subscriptionId === null) return [];
  return reader
    .select()
    .from(creditSchedule)
    .where(
      and(
        eq(creditSchedule.userId, userId),
        or(
          sources.length === 0 ? undefined : inArray(creditSchedule.id, [...sources]),
          subscriptionId === null ? undefined : eq(creditSchedule.subscriptionId, subscriptionId),
        ),
      ),
    )
    .orderBy(desc(creditSchedule.anchorAt), asc(creditSchedule.id))
    .limit(MOST_ROWS);
}

async function readNotices(reader: Executor, { userId, ids }: OwnedSubject) {
  if (ids.length === 0) return [];
  const { id, kind, createdAt, readAt } = getTableColumns(notification);
  return reader
    .select({ id, kind, createdAt, readAt })
    .from(notification)
    .where(and(eq(notification.userId, userId), keyContainsAny(notification.key, ids)))
    .orderBy(desc(notification.createdAt), notification.id)
    .limit(MOST_ROWS);
}
