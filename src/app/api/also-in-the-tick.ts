import type { TickTasks } from "@/jobs/run-tick";
import { pruneAttempts } from "@/rate-limit/rate-limit";

/** What the tick does for folders that jobs do not import. */
export const alsoInTheTick: TickTasks = {
  "old rate limits": (db, { now }) => pruneAttempts(db, now),
};
