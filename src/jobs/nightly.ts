import { addMinutes, subHours } from "date-fns";
import { eq, isNull, lte, or, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { nightlyWork } from "@/db/schema/jobs";

/** Less than a day: a scheduler that fires a minute earlier than yesterday must not skip a night. */
const EVERY_HOURS = 20;
/** Longer than a scheduler's call can run. */
const CLAIM_MINUTES = 6;

/**
 * Runs `work` once a night, however many callers request it. `work` returns whether it finished.
 * Unfinished or failed work is due again at the next call and does not affect other nightly work.
 * `name` is the key in `nightly_work`.
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
  const claimedUntil = addMinutes(now, CLAIM_MINUTES);
  const { doneAt, claimedUntil: current } = nightlyWork;
  const isDue = or(isNull(doneAt), lte(doneAt, subHours(now, EVERY_HOURS)));
  const isFree = or(isNull(current), lte(current, now));
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
