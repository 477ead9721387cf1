import { db } from "@/db";
import { type Health, readHealth } from "@/jobs/health";
import { now } from "@/lib/clock";
import { ServiceUnavailable } from "@/lib/errors";
import journal from "../../../../drizzle/meta/_journal.json";

/** The version of the SQL functions that this build expects. Set by next.config.ts. */
const functionSet = process.env.QIFLOW_FUNCTION_SET ?? null;

const TIMEOUT_MS = 5_000;

/**
 * Returns the health of the site, compared with the migrations and SQL functions of this build.
 * @throws ServiceUnavailable when the database does not respond within five seconds
 */
export async function readSiteHealth(): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error("The database did not respond in time.")),
      TIMEOUT_MS,
    );
  });
  try {
    const health = readHealth(db, { now: now(), migrations: journal.entries, functionSet });
    return await Promise.race([health, timeout]);
  } catch (error) {
    throw new ServiceUnavailable("The database", error);
  } finally {
    clearTimeout(timer);
  }
}
