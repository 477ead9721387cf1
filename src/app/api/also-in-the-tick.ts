import type { TickTasks } from "@/jobs/run-tick";
import { forgetOldAttempts } from "@/rate-limit/rate-limit";

/** What the tick does for folders that jobs do not import. */
export const alsoInTheTick: TickTasks = {
  "old rate limits": (db, { now }) => forgetOldAttempts(db, now),
};
