import { and, gt, lt, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** Rows on one page of a list in the console. */
export const PAGE_ROWS = 25;

/** The position of a row in a list. `at` is in UTC with microseconds. */
export interface Cursor {
  readonly at: string;
  readonly id: string;
}

export const LIST_ORDERS = ["newest", "oldest"] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

/** The page of rows older or newer than a cursor, or the first page without one. */
export interface PageRequest {
  readonly older?: Cursor | undefined;
  readonly newer?: Cursor | undefined;
  /** Defaults to newest first. */
  readonly order?: ListOrder | undefined;
}

/** The sort order of a list: by instant, then by id. It must be the order of the list's index. */
export interface KeysetOrder {
  readonly at: PgColumn;
  readonly id: PgColumn;
  /**
   * `asc` for an index on `(at desc nulls last, id)`, `desc` for an index on `(at, id)` read backward.
   * With any other order, Postgres sorts instead of reading the index.
   */
  readonly ids: "asc" | "desc";
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Cursors as query parameters; null if there is no such page. */
  readonly newer: string | null;
  readonly older: string | null;
}

/** Query parts that read one page plus one row, which shows whether another page follows. */
export function keysetPage(order: KeysetOrder, request: PageRequest, rows = PAGE_ROWS) {
  return {
    cursorAt: sql<string>`to_char(${order.at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    pastCursor: pastCursor(order, request),
    orderBy: isTowardsNewer(request) ? newerFirst(order) : olderFirst(order),
    limit: rows + 1,
  };
}

/** Converts the rows of such a query to a page: in the requested order, with cursors. */
export function toPage<Row extends { readonly cursorAt: string; readonly id: string }>(
  found: readonly Row[],
  request: PageRequest,
  rows = PAGE_ROWS,
): Page<Row> {
  const hasMore = found.length > rows;
  const shown = found.slice(0, rows);
  const towardsNewer = isTowardsNewer(request);
  const newestFirst = request.order !== "oldest";
  if (towardsNewer === newestFirst) shown.reverse();
  const hasNewer = towardsNewer ? hasMore : request.older !== undefined;
  const hasOlder = towardsNewer ? request.newer !== undefined : hasMore;
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    rows: shown,
    newer: hasNewer ? cursorText(newestFirst ? first : last) : null,
    older: hasOlder ? cursorText(newestFirst ? last : first) : null,
  };
}

/** Whether the query reads the index from older rows to newer ones. */
function isTowardsNewer({ older, newer, order }: PageRequest): boolean {
  return newer !== undefined || (order === "oldest" && older === undefined);
}

/** Four-digit years from 1000 on, because Postgres has no year 0; an id without NUL. */
const CURSOR = /^([1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_([^\0]{1,200})$/;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Parses a cursor from a query parameter; undefined if it is invalid. */
export function parseCursor(text: string): Cursor | undefined {
  const [, at, id] = CURSOR.exec(text) ?? [];
  if (at === undefined || id === undefined || !isInstant(at)) return undefined;
  return { at, id };
}

/** The same for a list whose ids are UUIDs, because Postgres rejects any other text. */
export function parseUuidCursor(text: string): Cursor | undefined {
  const cursor = parseCursor(text);
  return cursor !== undefined && isUuid(cursor.id) ? cursor : undefined;
}

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** JavaScript parses 30 February as 2 March; Postgres rejects it. */
function isInstant(text: string): boolean {
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 19) === text.slice(0, 19);
}

function cursorText(row: { cursorAt: string; id: string } | undefined): string | null {
  return row === undefined ? null : `${row.cursorAt}_${row.id}`;
}

/** The index seeks to `at <= cursor`; the second condition drops rows of the same instant. */
function pastCursor({ at, id, ids }: KeysetOrder, { older, newer }: PageRequest): SQL | undefined {
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
