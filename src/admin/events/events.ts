import { and, eq, getTableColumns, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { countSome } from "@/db/count-some";
import { stripeEvent, stripeEventStatus } from "@/db/schema";
import { isPlainText } from "@/lib/plain-text";
import { enumEquals } from "../lists/conditions";
import { keysetPage, type Page, toPage } from "../lists/keyset";
import { choice, pageFields, searchText } from "../lists/query-fields";

const { rawBody: _body, ...withPayload } = getTableColumns(stripeEvent);
const { payload: _payload, ...listed } = withPayload;

/** Without the raw body, which may be 1 MB. */
export type StoredEvent = Omit<typeof stripeEvent.$inferSelect, "rawBody">;
export type EventStatus = StoredEvent["status"];
export type ListedEvent = Omit<StoredEvent, "payload"> & { readonly cursorAt: string };

export const EVENTS_ORDER = {
  at: stripeEvent.receivedAt,
  id: stripeEvent.id,
  ids: "asc",
} as const;

export const eventsQuery = z.object({
  q: searchText,
  status: z.enum(["any", ...stripeEventStatus.enumValues]).catch("any"),
  type: choice,
  ...pageFields,
});
export type EventsFilter = z.output<typeof eventsQuery>;

/** One page of the inbox and the number of dead events. */
export async function readEventsPage(reader: Executor, filter: EventsFilter) {
  const [page, dead] = await Promise.all([listEvents(reader, filter), countDeadEvents(reader)]);
  return { page, dead };
}

/** One page of the inbox. `q` matches an event id, its object's id or its user's id. */
export async function listEvents(
  reader: Executor,
  filter: EventsFilter,
): Promise<Page<ListedEvent>> {
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(EVENTS_ORDER, filter);
  const { q, type, status } = filter;
  const rows = await reader
    .select({ ...listed, cursorAt })
    .from(stripeEvent)
    .where(
      and(
        pastCursor,
        status === "any" ? undefined : enumEquals(stripeEvent.status, status),
        type === "" ? undefined : eq(stripeEvent.type, type),
        q === ""
          ? undefined
          : or(eq(stripeEvent.id, q), eq(stripeEvent.objectId, q), eq(stripeEvent.userId, q)),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, filter);
}

/** One event with its payload, or undefined. */
export async function readEvent(reader: Executor, id: string): Promise<StoredEvent | undefined> {
  // The id comes from a URL, and Postgres rejects a text with NUL.
  if (!isPlainText(id)) return undefined;
  const [event] = await reader.select(withPayload).from(stripeEvent).where(eq(stripeEvent.id, id));
  return event;
}

/** The number of dead events, at most `COUNT_LIMIT` + 1. */
export async function countDeadEvents(reader: Executor): Promise<number> {
  const [row] = await reader.execute<{ count: number }>(
    sql`select ${countSome(sql`stripe_event where status = 'dead'`)} as count`,
  );
  return row?.count ?? 0;
}
