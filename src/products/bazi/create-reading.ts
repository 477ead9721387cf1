import { isDeepStrictEqual } from "node:util";
import { and, eq } from "drizzle-orm";
import { FEATURE_COSTS, HOLD_MINUTES } from "@/catalog/catalog";
import type { Database, Executor } from "@/db/client";
import { baziReading } from "@/db/schema";
import { captureHold, holdCredits, releaseHold } from "@/ledger/hold";
import { logger } from "@/lib/logger";
import { notifyLowBalance } from "@/notifications/notify-low-balance";
import { type BirthInput, birthFieldsSchema } from "./birth/input";
import type { Chart } from "./chart/chart";
import { computeChart } from "./chart/compute-chart";
import { ReadingDeleted, ReadingIdTaken } from "./errors";
import { saveProfile } from "./save-profile";

export type ReadingRequest = {
  userId: string;
  /** Made with the form: however often it is sent, it is one reading and one charge. */
  readingId: string;
  /** As `birthInputSchema` lets it pass: nothing is held for a birth that cannot have been. */
  birth: BirthInput;
  keepInProfile: boolean;
};

/**
 * Makes a reading and charges for it, or does neither. The credits are held, the chart is computed
 * outside any transaction, then one transaction stores the reading and, as its last statement,
 * captures the hold. A failure gives the credits back; a crash leaves a hold that lapses by itself.
 * The clock is asked again before the capture, so that a hold that lapsed meanwhile is seen.
 *
 * `created` is false when the reading was there already.
 * @throws InsufficientCredits, AccountFrozen, ReadingIdTaken; HoldClosed, HoldLapsed or
 * ReadingDeleted when an earlier attempt with this id failed or its reading was deleted (try again
 * with a new id)
 */
export async function createReading(
  db: Database,
  request: ReadingRequest,
  clock: () => Date,
): Promise<{ id: string; created: boolean }> {
  if (await isStored(db, request)) return { id: request.readingId, created: false };
  await holdPrice(db, request, clock());
  try {
    const chart = computeChart(request.birth);
    return { id: request.readingId, created: await storeAndCapture(db, request, chart, clock()) };
  } catch (error) {
    if (error instanceof ReadingDeleted) throw error;
    await giveBack(db, request, clock());
    if (await isStoredAfterAll(db, request)) return { id: request.readingId, created: true };
    throw error;
  }
}

/** Whether this very reading exists; the same id for another birth is refused. */
async function isStored(db: Executor, { userId, readingId, birth }: ReadingRequest) {
  const [row] = await db
    .select({ birth: baziReading.birth })
    .from(baziReading)
    .where(and(eq(baziReading.userId, userId), eq(baziReading.id, readingId)));
  if (row === undefined) return false;
  if (!isDeepStrictEqual(birthFieldsSchema.parse(row.birth), birth)) throw new ReadingIdTaken();
  return true;
}

async function holdPrice(db: Database, { userId, readingId }: ReadingRequest, now: Date) {
  const amount = FEATURE_COSTS["bazi-reading"];
  const expiresAt = new Date(now.getTime() + HOLD_MINUTES * 60_000);
  const source = `reading:${readingId}`;
  const key = holdKeyOf(readingId);
  await db.transaction((tx) => holdCredits(tx, { userId, key, amount, source, expiresAt, now }));
}

/**
 * A form sent twice at once arrives here twice with one hold. The second insert waits for the first
 * to commit, finds the row and leaves it; its capture answers with the first one's booking. With
 * no row in the way such an answer means that the reading was paid for and deleted: made again, it
 * would be one for nothing.
 */
async function storeAndCapture(
  db: Database,
  request: ReadingRequest,
  chart: Chart,
  now: Date,
): Promise<boolean> {
  const { userId, readingId, birth } = request;
  return db.transaction(async (tx) => {
    const stored = await tx
      .insert(baziReading)
      .values({ userId, id: readingId, name: birth.name, birth, chart, createdAt: now })
      .onConflictDoNothing()
      .returning({ id: baziReading.id });
    if (stored.length === 0) await isStored(tx, request);
    if (request.keepInProfile) await saveProfile(tx, { userId, birth, now });
    // The hold has left the balance already, so it stands now as it will after the capture.
    await notifyLowBalance(tx, { userId, cost: FEATURE_COSTS["bazi-reading"], now });
    const charge = await captureHold(tx, {
      userId,
      holdKey: holdKeyOf(readingId),
      key: `reading:${readingId}:capture`,
      now,
    });
    if (stored.length > 0 && charge.replayed) throw new ReadingDeleted();
    return stored.length > 0;
  });
}

/** Best effort: what cannot be given back now is free again when the hold lapses. */
async function giveBack(db: Database, { userId, readingId }: ReadingRequest, now: Date) {
  const release = {
    userId,
    holdKey: holdKeyOf(readingId),
    key: `reading:${readingId}:release`,
    now,
  };
  try {
    await db.transaction((tx) => releaseHold(tx, release));
  } catch (error) {
    logger.warn({ err: error, userId, readingId }, "A hold could not be released; it will lapse");
  }
}

/** A COMMIT whose answer was lost looks like a failure; the row tells. */
async function isStoredAfterAll(db: Database, request: ReadingRequest): Promise<boolean> {
  try {
    return await isStored(db, request);
  } catch {
    return false;
  }
}

function holdKeyOf(readingId: string): string {
  return `reading:${readingId}:hold`;
}
