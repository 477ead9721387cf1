import { and, asc, desc, eq, getTableColumns, inArray, ne, or } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { checkoutSession, notification, payment, subscription, user } from "@/db/schema";
import { creditSchedule, creditTransaction } from "@/ledger/schema";
import { isAbout } from "../lists/is-about";
import { listOutboxAbout } from "../outbox";
import { type EventSubject, subjectOf } from "./event-subject";
import type { StoredEvent } from "./events";

/** Rows of each kind that are shown; a year's allotments and what was taken back of them. */
const SHOWN = 30;

/**
 * What we keep of an event's subject, and so all that handling it can have changed: whose it is, their
 * payments, ledger rows, schedules, subscriptions, checkout, notices, mails and calls to Stripe. Found
 * by the ids in the payload, so it is there too where another event about the same purchase, or the
 * success page, came first. Each part is a read through an index, or of one user's rows.
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
  const whose = owner === undefined ? customerOf : await readUser(reader, user.id, owner);
  const found = { user: whose, payments, session, subscriptions };
  if (whose === undefined) return { ...found, ledger: [], schedules: [], notices: [], outbox: [] };
  const sources = [...new Set([...subject.sources, ...payments.map((row) => row.id)])];
  const { subscriptionId, sessionId, invoiceId } = subject;
  const paidIds = payments.flatMap((row) => [row.sessionId, row.invoiceId]);
  const ids = [...paidIds, subscriptionId, sessionId, invoiceId].filter((id) => id !== null);
  const of = { userId: whose.id, sources, ids, subscriptionId };
  const [ledger, schedules, notices, outbox] = await Promise.all([
    readLedger(reader, of),
    readSchedules(reader, of),
    readNotices(reader, of),
    listOutboxAbout(reader, { ...of, limit: SHOWN }),
  ]);
  return { ...found, ledger, schedules, notices, outbox };
}
export type EventChanges = Awaited<ReturnType<typeof readEventChanges>>;

interface Of {
  readonly userId: string;
  readonly sources: readonly string[];
  /** Ids of the sessions, invoices and subscription, as keys contain them. */
  readonly ids: readonly string[];
  readonly subscriptionId: string | null;
}

async function readPayments(reader: Executor, { sources, paymentIntentId }: EventSubject) {
  if (sources.length === 0 && paymentIntentId === null) return [];
  return reader
    .select()
    .from(payment)
    .where(
      or(
        sources.length === 0 ? undefined : inArray(payment.id, [...sources]),
        paymentIntentId === null ? undefined : eq(payment.paymentIntentId, paymentIntentId),
      ),
    )
    .orderBy(desc(payment.paidAt), asc(payment.id))
    .limit(SHOWN);
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

/** By their ids; or a customer's, through its user, as subscriptions have no index of customers. */
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
  const isCustomers =
    ownerId === null || customerId === null
      ? undefined
      : and(eq(subscription.userId, ownerId), eq(subscription.customerId, customerId));
  const isOne = ids.length === 0 ? undefined : inArray(subscription.id, ids);
  if (isOne === undefined && isCustomers === undefined) return [];
  return reader
    .select()
    .from(subscription)
    .where(or(isOne, isCustomers))
    .orderBy(desc(subscription.createdAt), subscription.id)
    .limit(SHOWN);
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

/** Expiries are time's doing, no event's. Reads one user's ledger, latest first. */
async function readLedger(reader: Executor, { userId, sources }: Of) {
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
    .limit(SHOWN);
}

async function readSchedules(reader: Executor, { userId, sources, subscriptionId }: Of) {
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
    .limit(SHOWN);
}

async function readNotices(reader: Executor, { userId, ids }: Of) {
  if (ids.length === 0) return [];
  const { id, kind, createdAt, readAt } = getTableColumns(notification);
  return reader
    .select({ id, kind, createdAt, readAt })
    .from(notification)
    .where(and(eq(notification.userId, userId), isAbout(notification.key, ids)))
    .orderBy(desc(notification.createdAt), notification.id)
    .limit(SHOWN);
}
