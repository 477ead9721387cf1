import type { Database } from "@/db/client";
import { type Repair, repairSchedules } from "@/ledger/schedules";
import { logger } from "@/lib/logger";

/** Gives users without a schedule of free months theirs; says so in the log when there were any. */
export async function runRepair(
  db: Database,
  tick: { now: Date; deadlineMs: number },
): Promise<Repair> {
  const repair = await repairSchedules(db, tick);
  const { repairedCount, failedUsers } = repair;
  if (repairedCount > 0) logger.warn({ users: repairedCount }, "repaired missing schedules");
  if (failedUsers.length > 0) {
    logger.error({ users: failedUsers.length, first: failedUsers[0] }, "schedules stay missing");
  }
  return repair;
}
