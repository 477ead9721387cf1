import { millisecondsInMinute } from "date-fns/constants";
import { demoteUnlistedAdmins } from "@/auth/admin-role";
import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/**
 * Demotes the admins that `ADMIN_EMAILS` no longer lists. Never throws: if the database does not
 * respond, it retries every minute.
 */
export async function demoteUnlistedAdminsAtStart(): Promise<void> {
  try {
    await demoteUnlistedAdmins(db, { adminEmails: env.ADMIN_EMAILS, now: now() });
  } catch (error) {
    logger.error({ err: error }, "the admins were not compared with ADMIN_EMAILS at start");
    setTimeout(() => void demoteUnlistedAdminsAtStart(), millisecondsInMinute).unref();
  }
}
