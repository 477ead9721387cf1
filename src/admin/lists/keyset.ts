import { and, gt, lt, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** Rows on one page of an admin's list. */
export const PAGE_ROWS = 25;

/** A place in a list: the row with this instant (UTC, to the microsecond) and this id. */
export interface Cursor {
  readonly at: string;
  readonly id: string;
}

/** Which end of a list comes first. */
export const LIST_ORDERS = ["newest", "oldest"] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

/** The page older or newer than a row; the list's first page when neither is given. */
export interface PageTurn {
  readonly older?: Cursor | undefined;
  readonly newer?: Cursor | undefined;
  /** Newest first unless it says otherwise. */
  readonly order?: ListOrder | undefined;
}

/** What a list is ordered by: an instant, equal ones by id, as the index behind the list has them. */
export interface KeysetOrder {
  readonly at: PgColumn;
  readonly id: PgColumn;
  /**
   * `asc` where the index says `(at desc nulls last, id)`, `desc` where it is a plain `(at, id)`,
   * read backward. Another order would sort instead of following the index.
   */
  readonly ids: "asc" | "desc";
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Cursors for the address, null where there is no such page. */
  readonly newer: string | null;
  readonly older: string | null;
}

/** The parts of a query that reads one page and one row more, which tells whether there is another. */
export function keysetPage(order: KeysetOrder, turn: PageTurn, rows = PAGE_ROWS) {
  return {
    cursorAt: sql<string>`to_char(${order.at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    beyond: beyond(order, turn),
    orderBy: isTowardsNewer(turn) ? newerFirst(order) : olderFirst(order),
    limit: rows + 1,
  };
}

/** Makes the page of what such a query answered: in the order asked for, with the ways on. */
export function toPage<Row extends { readonly cursorAt: string; readonly id: string }>(
  found: readonly Row[],
  turn: PageTurn,
  rows = PAGE_ROWS,
): Page<Row> {
  const more = found.length > rows;
  const shown = found.slice(0, rows);
  const towardsNewer = isTowardsNewer(turn);
  const newestFirst = turn.order !== "oldest";
  if (towardsNewer === newestFirst) shown.reverse();
  const hasNewer = towardsNewer ? more : turn.older !== undefined;
  const hasOlder = towardsNewer ? turn.newer !== undefined : more;
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    rows: shown,
    newer: hasNewer ? cursorText(newestFirst ? first : last) : null,
    older: hasOlder ? cursorText(newestFirst ? last : first) : null,
  };
}

/** Whether the index is read from older rows to newer ones. */
function isTowardsNewer({ older, newer, order }: PageTurn): boolean {
  return newer !== undefined || (order === "oldest" && older === undefined);
}

/** Years before 1000 are nobody's, and Postgres knows no year 0. No id holds a NUL. */
const CURSOR = /^([1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_([^\0]{1,200})$/;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Reads a cursor from the address; undefined if it is none. */
export function parseCursor(text: string): Cursor | undefined {
  const [, at, id] = CURSOR.exec(text) ?? [];
  if (at === undefined || id === undefined || !isInstant(at)) return undefined;
  return { at, id };
}

/** The same for a list whose ids are UUIDs, where Postgres refuses any other text. */
export function parseUuidCursor(text: string): Cursor | undefined {
  const cursor = parseCursor(text);
  return cursor !== undefined && isUuid(cursor.id) ? cursor : undefined;
}

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** JavaScript takes the 30th of February for the 2nd of March; Postgres refuses it. */
function isInstant(text: string): boolean {
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 19) === text.slice(0, 19);
}

function cursorText(row: { cursorAt: string; id: string } | undefined): string | null {
  return row === undefined ? null : `${row.cursorAt}_${row.id}`;
}

/** `at <= cursor` alone is what the index can seek to; the rest sorts out rows of the same instant. */
function beyond({ at, id, ids }: KeysetOrder, { older, newer }: PageTurn): SQL | undefined {
  if (newer !== undefined) {
    const instant = sql`${newer.at}::timestamptz`;
    const nextId = ids === "asc" ? lt(id, newer.id) : gt(id, newer.id);
    return and(sql`${at} >= ${instant}`, or(sql`${at} > ${instant}`, nextId));
  }
  if (older === undefined) return undefined;
  const instant = sql`${older.at}::timestamptz`;
  const nextId = ids === "asc" ? gt(id, older.id) : lt(id, older.id);
  return and(sql`${at} <= ${instant}`, or(sql`${at} < ${instant}`, nextId));
}

function olderFirst({ at, id, ids }: KeysetOrder): SQL[] {
  return ids === "asc"
    ? [sql`${at} desc nulls last`, sql`${id} asc`]
    : [sql`${at} desc nulls first`, sql`${id} desc`];
}

function newerFirst({ at, id, ids }: KeysetOrder): SQL[] {
  return ids === "asc"
    ? [sql`${at} asc nulls first`, sql`${id} desc`]
    : [sql`${at} asc nulls last`, sql`${id} asc`];
}
