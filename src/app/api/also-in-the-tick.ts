import type { Pieces } from "@/jobs/run-tick";
import { forgetOldAttempts } from "@/rate-limit/rate-limit";

/** What the tick does for folders that jobs do not import. */
export const alsoInTheTick: Pieces = {
  "old rate limits": (db, { now }) => forgetOldAttempts(db, now),
};
