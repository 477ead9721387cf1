import { eq, isNull, lte, or, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { nightlyWork } from "@/db/schema/jobs";

/**
 * Less than a day, as schedulers are not punctual: one that comes a minute earlier than yesterday
 * must not miss the night.
 */
const EVERY_MS = 20 * 3_600_000;
/** Longer than a call of the scheduler can live; then its claim is void. */
const CLAIM_MS = 6 * 60_000;

/**
 * Does a piece of work once a night, by however many callers it is asked for. `work` answers whether
 * it came to its end; one that did not, or threw, is due again at the next call, and keeps no other
 * piece from being done.
 */
export async function nightly(
  db: Database,
  { name, now }: { name: string; now: Date },
  work: () => Promise<boolean>,
): Promise<void> {
  if (!(await claim(db, name, now))) return;
  let isDone = false;
  try {
    isDone = await work();
  } finally {
    await db
      .update(nightlyWork)
      .set({ claimedUntil: null, ...(isDone && { doneAt: now }) })
      .where(eq(nightlyWork.name, name));
  }
}

async function claim(db: Database, name: string, now: Date): Promise<boolean> {
  const claimedUntil = new Date(now.getTime() + CLAIM_MS);
  const { doneAt, claimedUntil: claimed } = nightlyWork;
  const isDue = or(isNull(doneAt), lte(doneAt, new Date(now.getTime() - EVERY_MS)));
  const isFree = or(isNull(claimed), lte(claimed, now));
  const rows = await db
    .insert(nightlyWork)
    .values({ name, claimedUntil })
    .onConflictDoUpdate({
      target: nightlyWork.name,
      set: { claimedUntil },
      setWhere: sql`${isDue} and ${isFree}`,
    })
    .returning({ name: nightlyWork.name });
  return rows.length > 0;
}
