import type { Executor } from "@/db/client";
import { listAudit } from "../audit";
import { listFailing } from "../distribution/failing";
import { listRuns, readLatestRun } from "../distribution/runs";
import { readEventChanges } from "../events/event-changes";
import { countDeadEvents, listEvents, readEvent } from "../events/events";
import type {
  AuditFilter,
  EventsFilter,
  OutboxFilter,
  PaymentsFilter,
  RunsAddress,
} from "../input";
import { listOutbox } from "../outbox";
import { listPaymentKinds } from "../payments/payment-kinds";
import { listAllPayments } from "../payments/payments";
import { readEmails } from "../users/users";

/**
 * All that each of the console's lists reads for one page, and one event: what the page shows and
 * what `npm run bench:admin` measures are the same call. (The list of users is `listUsers` alone.)
 */
export async function readPaymentsPage(reader: Executor, filter: PaymentsFilter) {
  const [page, kinds] = await Promise.all([
    listAllPayments(reader, filter),
    listPaymentKinds(reader),
  ]);
  return { page, kinds, emails: await readEmails(reader, idsOf(page.rows)) };
}

export async function readEventsPage(reader: Executor, filter: EventsFilter) {
  const [page, dead] = await Promise.all([listEvents(reader, filter), countDeadEvents(reader)]);
  return { page, dead };
}

/** One event with what it changed; undefined if there is none. */
export async function readEventPage(reader: Executor, id: string) {
  const event = await readEvent(reader, id);
  return event && { event, changes: await readEventChanges(reader, event) };
}

export async function readOutboxPage(reader: Executor, filter: OutboxFilter) {
  const page = await listOutbox(reader, filter);
  return { page, emails: await readEmails(reader, idsOf(page.rows)) };
}

export async function readAuditPage(reader: Executor, filter: AuditFilter) {
  const page = await listAudit(reader, filter);
  const people = page.rows.flatMap(({ actorId, targetUserId }) => [actorId, targetUserId]);
  return { page, emails: await readEmails(reader, people) };
}

export async function readRunsPage(
  reader: Executor,
  { failingOlder, failingNewer, ...filter }: RunsAddress,
) {
  const [page, latest, failing] = await Promise.all([
    listRuns(reader, filter),
    readLatestRun(reader),
    listFailing(reader, { older: failingOlder, newer: failingNewer }),
  ]);
  return { page, latest, failing };
}

function idsOf(rows: readonly { readonly userId: string | null }[]): (string | null)[] {
  return rows.map(({ userId }) => userId);
}
