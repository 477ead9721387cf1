import { randomBytes } from "node:crypto";
import { and, asc, desc, eq, gt, inArray, lt, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor, Transaction } from "@/db/client";
import { formatInstant } from "@/lib/formats";
import type { Locale } from "@/lib/locales";
import { type BirthInput, birthFieldsSchema } from "./birth/input";
import { type Chart, chartSchema } from "./chart/chart";
import { baziProfile, baziReading } from "./schema";

export type Reading = {
  id: string;
  name: string;
  birth: BirthInput;
  chart: Chart;
  createdAt: Date;
  /** The token of its private link; null unless it is shared. */
  shareToken: string | null;
};

/** Readings in one page of an export. */
const EXPORT_PAGE = 100;

/** Returns a reading of this user, or null if they have none with this id. */
export async function getReading(
  db: Executor,
  { userId, id }: { userId: string; id: string },
): Promise<Reading | null> {
  if (!z.uuid().safeParse(id).success) return null;
  const [row] = await db
    .select()
    .from(baziReading)
    .where(and(eq(baziReading.userId, userId), eq(baziReading.id, id)));
  return row === undefined ? null : readingOf(row);
}

/**
 * Returns a page of readings, newest first. `before` is the `nextBefore` of the previous page; an
 * invalid cursor returns the first page.
 */
export async function listReadings(
  db: Executor,
  page: { userId: string; before?: string | undefined; limit: number },
): Promise<{ readings: Reading[]; nextBefore: string | null }> {
  const cursor = parseCursor(page.before);
  const rows = await db
    .select()
    .from(baziReading)
    .where(
      and(
        eq(baziReading.userId, page.userId),
        cursor &&
          or(
            lt(baziReading.createdAt, cursor.createdAt),
            and(eq(baziReading.createdAt, cursor.createdAt), gt(baziReading.id, cursor.id)),
          ),
      ),
    )
    .orderBy(desc(baziReading.createdAt), asc(baziReading.id))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    readings: shown.map(readingOf),
    nextBefore:
      rows.length > page.limit && last !== undefined
        ? `${last.createdAt.toISOString()}_${last.id}`
        : null,
  };
}

/** The births of a user's readings ("15 Feb 1990, 06:15"), by the source of their charge. */
export async function describeReadings(
  db: Executor,
  { userId, sources, locale }: { userId: string; sources: readonly string[]; locale: Locale },
): Promise<Map<string, string>> {
  const ids = sources.flatMap((source) => {
    const id = /^reading:(.+)$/.exec(source)?.[1];
    return z.uuid().safeParse(id).success && id !== undefined ? [id] : [];
  });
  if (ids.length === 0) return new Map();
  const rows = await db
    .select()
    .from(baziReading)
    .where(and(eq(baziReading.userId, userId), inArray(baziReading.id, ids)));
  return new Map(
    rows.map((row) => {
      const { civil, timeKnown } = readingOf(row).chart.birth;
      const { year, month, day, hour, minute } = civil;
      const style = timeKnown ? "date-time" : "date";
      const at = new Date(Date.UTC(year, month - 1, day, hour, minute));
      return [`reading:${row.id}`, formatInstant(at, { locale, timeZone: "UTC", style })];
    }),
  );
}

/**
 * Permanently deletes a reading of this user; does nothing if there is none. The charge stays in the
 * ledger, and the id cannot be used for another reading (see `createReading`).
 */
export async function deleteReading(
  db: Executor,
  { userId, id }: { userId: string; id: string },
): Promise<void> {
  await db.delete(baziReading).where(and(eq(baziReading.userId, userId), eq(baziReading.id, id)));
}

/**
 * Creates a private link to a reading and returns its token, or null if the user has no such reading.
 * A reading that is already shared keeps its link.
 */
export async function shareReading(
  db: Executor,
  { userId, id }: { userId: string; id: string },
): Promise<string | null> {
  const token = randomBytes(16).toString("base64url");
  const [shared] = await db
    .update(baziReading)
    .set({ shareToken: sql`coalesce(${baziReading.shareToken}, ${token})` })
    .where(and(eq(baziReading.userId, userId), eq(baziReading.id, id)))
    .returning({ token: baziReading.shareToken });
  return shared?.token ?? null;
}

/** Revokes the private link of a reading, if it has one. A new link gets a new token. */
export async function stopSharingReading(
  db: Executor,
  { userId, id }: { userId: string; id: string },
): Promise<void> {
  await db
    .update(baziReading)
    .set({ shareToken: null })
    .where(and(eq(baziReading.userId, userId), eq(baziReading.id, id)));
}

/** Returns the reading that a private link belongs to, or null if the link was revoked or is wrong. */
export async function findSharedReading(db: Executor, token: string): Promise<Reading | null> {
  if (!/^[\w-]{22}$/.test(token)) return null;
  const [row] = await db.select().from(baziReading).where(eq(baziReading.shareToken, token));
  return row === undefined ? null : readingOf(row);
}

/** All readings of a user in pages, newest first: births and charts. */
export async function* exportReadings(db: Executor, userId: string): AsyncGenerator<Reading[]> {
  for (let before: string | null | undefined; before !== null; ) {
    const page = await listReadings(db, { userId, before, limit: EXPORT_PAGE });
    yield page.readings;
    before = page.nextBefore;
  }
}

/** Permanently deletes the readings and the profile of a user whose account is deleted. */
export async function deleteBaziRecords(tx: Transaction, userId: string): Promise<void> {
  await tx.delete(baziReading).where(eq(baziReading.userId, userId));
  await tx.delete(baziProfile).where(eq(baziProfile.userId, userId));
}

function readingOf(row: typeof baziReading.$inferSelect): Reading {
  return {
    id: row.id,
    name: row.name,
    birth: birthFieldsSchema.parse(row.birth),
    chart: chartSchema.parse(row.chart),
    createdAt: row.createdAt,
    shareToken: row.shareToken,
  };
}

const cursorSchema = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.uuid()]);

function parseCursor(before: string | undefined) {
  const parsed = cursorSchema.safeParse(before?.split("_"));
  if (!parsed.success) return undefined;
  const [createdAt, id] = parsed.data;
  return { createdAt, id };
}
