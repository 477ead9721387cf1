import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { distributionRun } from "@/ledger/distribution/schema";
import { auditQuery, readAuditPage } from "./audit";
import type { Run } from "./distribution/runs";
import { eventsQuery, listEvents } from "./events/events";
import { isUuid } from "./lists/keyset";
import { searchText } from "./lists/query-fields";
import { listAllPayments, paymentsQuery } from "./payments";
import { readEmails } from "./users/emails";
import { listUsers, usersQuery } from "./users/list-users";

/** Rows of each kind; the kind's own list has the others. */
const SHOWN = 5;
/** Shorter terms would match half of the users. */
const MIN_LENGTH = 2;

export const searchQuery = z.object({ q: searchText });

/**
 * Searches users (part of an email or name, id, Stripe customer), payments (session, invoice, payment
 * intent, subscription), events (id, object), distribution runs and audit entries (id). The form of the
 * term decides which of them can match; each read uses an index. Null for a term that is too short.
 */
export async function searchConsole(reader: Executor, { q, at }: { q: string; at: Date }) {
  if (Array.from(q).length < MIN_LENGTH) return null;
  const isId = isUuid(q);
  const isStripeId = /^(checkout:|invoice:)?[a-z]{2,8}_\w+$/i.test(q);
  const [users, payments, events, runs, audit] = await Promise.all([
    listUsers(reader, { filter: usersQuery.parse({ q }), at }),
    isStripeId ? listAllPayments(reader, paymentsQuery.parse({ q }), SHOWN) : NONE,
    isStripeId ? listEvents(reader, eventsQuery.parse({ q })) : NONE,
    isId ? findRun(reader, q) : [],
    isId ? readAuditPage(reader, auditQuery.parse({ q })) : null,
  ]);
  const emails = await readEmails(
    reader,
    payments.rows.map(({ userId }) => userId),
  );
  return {
    users: shorten(users),
    payments: { ...shorten(payments), emails },
    events: shorten(events),
    runs,
    audit: { ...shorten(audit?.page ?? NONE), emails: audit?.emails ?? new Map<string, string>() },
  };
}

const NONE = { rows: [], older: null };

function shorten<Row>({ rows, older }: { rows: readonly Row[]; older: string | null }) {
  return { rows: rows.slice(0, SHOWN), hasMore: older !== null || rows.length > SHOWN };
}

async function findRun(reader: Executor, id: string): Promise<Run[]> {
  return reader.select().from(distributionRun).where(eq(distributionRun.id, id));
}
