import { and, asc, desc, eq, gt, lt, or } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { baziProfile, baziReading } from "@/db/schema";
import { type BirthInput, birthFieldsSchema } from "./birth/input";
import { type Chart, chartSchema } from "./chart/chart";

export type Reading = {
  id: string;
  name: string;
  birth: BirthInput;
  chart: Chart;
  createdAt: Date;
};

/** One reading of this user, or null: somebody else's does not exist here. */
export async function getReading(
  reader: Executor,
  { userId, id }: { userId: string; id: string },
): Promise<Reading | null> {
  if (!z.uuid().safeParse(id).success) return null;
  const [row] = await reader
    .select()
    .from(baziReading)
    .where(and(eq(baziReading.userId, userId), eq(baziReading.id, id)));
  return row === undefined ? null : readingOf(row);
}

/** One page of readings, newest first, by keyset. `before` is the `nextBefore` of the page before. */
export async function listReadings(
  reader: Executor,
  page: { userId: string; before?: string | undefined; limit: number },
): Promise<{ readings: Reading[]; nextBefore: string | null }> {
  const cursor = parseCursor(page.before);
  const rows = await reader
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

/** The birth that the user kept for the form, or null. */
export async function getProfile(reader: Executor, userId: string): Promise<BirthInput | null> {
  const [row] = await reader
    .select({ birth: baziProfile.birth })
    .from(baziProfile)
    .where(eq(baziProfile.userId, userId));
  return birthFieldsSchema.nullable().parse(row?.birth ?? null);
}

function readingOf(row: typeof baziReading.$inferSelect): Reading {
  return {
    id: row.id,
    name: row.name,
    birth: birthFieldsSchema.parse(row.birth),
    chart: chartSchema.parse(row.chart),
    createdAt: row.createdAt,
  };
}

const cursorSchema = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.uuid()]);

/** A cursor comes from the address bar: one that is not ours means the first page. */
function parseCursor(before: string | undefined) {
  const parsed = cursorSchema.safeParse(before?.split("_"));
  if (!parsed.success) return undefined;
  const [createdAt, id] = parsed.data;
  return { createdAt, id };
}
