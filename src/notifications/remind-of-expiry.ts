import { sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { reminderProgress } from "@/db/schema";
import { enqueueEmails } from "@/emails/enqueue-email";
import { type Batch, walkDue } from "@/ledger/distribution/walk-due";
import { instant } from "@/ledger/parameters";
import { addNotices } from "./add-notices";
import { claimDigests } from "./claim-digests";
import { type Digest, digestEmail, digestNotice } from "./digest";
import { REMIND_BEFORE_DAYS } from "./reminder-days";

const FULL_WALK_EVERY_HOURS = 20;
const BATCH_LOTS = 500;

const hoursBefore = (at: Date, hours: number) => new Date(at.getTime() - hours * 3_600_000);

/**
 * Reminds everybody of credits that expire within REMIND_BEFORE_DAYS and are not spent: one digest a person
 * for all their lots, each lot once for ever (rules: README). `deadlineMs` is a time of
 * `performance.now()`; what is left by then is found by the next call.
 *
 * Reads only what is due: the lots that came into the window since the last walk, through the index
 * on expiry; once a day the whole window, for lots that were granted late, came back by a refund or
 * waited for the next day's digest. Batches are transactions of their own; workers side by side
 * meet at the claim (`expiry_reminder`), which each lot lets through once. Locks no account.
 */
export async function remindOfExpiry(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<{ digests: number }> {
  const until = hoursBefore(now, -24 * REMIND_BEFORE_DAYS);
  const { from, isFull } = await startOfWalk(db, now);
  let digests = 0;
  const walked = await walkDue(deadlineMs, BATCH_LOTS, async (after) => {
    const batch = await db.transaction(async (tx) => {
      const claimed = await claimDigests(tx, { now, from, until, after, limit: BATCH_LOTS });
      await tell(tx, claimed.digests, now);
      return claimed;
    });
    digests += batch.digests.length;
    return [batch.place] satisfies Batch[];
  });
  if (walked === "walked") await saveProgress(db, { reachedAt: until, isFull, now });
  return { digests };
}

async function startOfWalk(db: Database, now: Date): Promise<{ from: Date; isFull: boolean }> {
  const [progress] = await db.select().from(reminderProgress);
  const isFull =
    progress === undefined || progress.fullWalkAt <= hoursBefore(now, FULL_WALK_EVERY_HOURS);
  return { from: isFull || progress.reachedAt < now ? now : progress.reachedAt, isFull };
}

async function tell(
  tx: Parameters<typeof enqueueEmails>[0],
  digests: readonly Digest[],
  now: Date,
): Promise<void> {
  await enqueueEmails(
    tx,
    digests.flatMap((digest) => digestEmail(digest) ?? []),
    now,
  );
  await addNotices(
    tx,
    digests.flatMap((digest) => digestNotice(digest) ?? []),
    now,
  );
}

/** Never back: of two walks that end at once, the later window counts. */
async function saveProgress(
  db: Database,
  { reachedAt, isFull, now }: { reachedAt: Date; isFull: boolean; now: Date },
): Promise<void> {
  await db
    .insert(reminderProgress)
    .values({ reachedAt, fullWalkAt: now })
    .onConflictDoUpdate({
      target: reminderProgress.id,
      set: {
        reachedAt: sql`greatest(${reminderProgress.reachedAt}, ${instant(reachedAt)})`,
        ...(isFull && {
          fullWalkAt: sql`greatest(${reminderProgress.fullWalkAt}, ${instant(now)})`,
        }),
      },
    });
}
