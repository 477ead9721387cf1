import { type Health, readHealth } from "@/alerts/health";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { ServiceUnavailable } from "@/lib/errors";
import journal from "../../../../drizzle/meta/_journal.json";

/** Set by next.config.ts while building: which SQL functions this build was made for. */
const functionSet = process.env.QIFLOW_FUNCTION_SET ?? null;

/** A monitor that gets no answer for longer than this learns nothing by waiting. */
const TIME_LIMIT_MS = 5_000;

/**
 * How the site is, against the migrations and SQL functions that this build knows.
 * @throws ServiceUnavailable when the database does not answer in time
 */
export async function readSiteHealth(): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error("The database did not answer in time.")),
      TIME_LIMIT_MS,
    );
  });
  try {
    const health = readHealth(db, { now: now(), migrations: journal.entries, functionSet });
    return await Promise.race([health, timeUp]);
  } catch (error) {
    throw new ServiceUnavailable("The database", error);
  } finally {
    clearTimeout(timer);
  }
}
