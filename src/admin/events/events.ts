import { and, eq, getTableColumns, or, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { countSome } from "@/db/count-some";
import { stripeEvent } from "@/db/schema";
import type { EventsFilter } from "../input";
import { isEnum } from "../lists/is-enum";
import { keysetPage, type Page, toPage } from "../lists/keyset";

export type StoredEvent = typeof stripeEvent.$inferSelect;
export type EventStatus = StoredEvent["status"];
export type ListedEvent = Omit<StoredEvent, "payload"> & { readonly cursorAt: string };

const { payload: _, ...listed } = getTableColumns(stripeEvent);

export const EVENTS_ORDER = {
  ...{ at: stripeEvent.receivedAt, id: stripeEvent.id },
  ids: "asc",
} as const;

/** One page of the inbox, newest first; `q` is an event's id, its object's or its user's. */
export async function listEvents(
  reader: Executor,
  filter: EventsFilter,
): Promise<Page<ListedEvent>> {
  const { cursorAt, beyond, orderBy, limit } = keysetPage(EVENTS_ORDER, filter);
  const { q, type, status } = filter;
  const rows = await reader
    .select({ ...listed, cursorAt })
    .from(stripeEvent)
    .where(
      and(
        beyond,
        status === "any" ? undefined : isEnum(stripeEvent.status, status),
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

/** One event with its payload; undefined if there is none. */
export async function readEvent(reader: Executor, id: string): Promise<StoredEvent | undefined> {
  // From an address, where anything may stand; Postgres keeps no NUL in a text.
  if (id.includes("\0")) return undefined;
  const [event] = await reader.select().from(stripeEvent).where(eq(stripeEvent.id, id));
  return event;
}

/** How many events wait for an admin; at most one more than `MOST_COUNTED`. */
export async function countDeadEvents(reader: Executor): Promise<number> {
  const [row] = await reader.execute<{ count: number }>(
    sql`select ${countSome(sql`stripe_event where status = 'dead'`)} as count`,
  );
  return row?.count ?? 0;
}
