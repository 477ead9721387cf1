"use server";

import { after } from "next/server";
import {
  auditDistributed,
  startDistribution as start,
} from "@/admin/distribution/start-distribution";
import { pressInput } from "@/admin/input";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { runDistribution } from "@/jobs/run-distribution";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/** Under the page's own time limit; what is left is finished by the next call or tick. */
const TIME_MS = 270_000;

/**
 * Starts the distribution now, or lends a hand to the one under way, and answers at once with the
 * run: the page follows its row.
 */
export const startDistribution = adminAction
  .inputSchema(pressInput)
  .action(async ({ parsedInput: { id }, ctx: { user } }) => {
    const at = now();
    const { runId, run } = await start(db, { id, actorId: user.id, now: at });
    if (run === null) return { runId };
    const deadlineMs = performance.now() + TIME_MS;
    after(async () => {
      try {
        await auditDistributed(db, {
          id,
          run: await runDistribution(db, { now: at, deadlineMs, run }),
        });
      } catch (error) {
        logger.error({ err: error, runId }, "a distribution started by an admin failed");
      }
    });
    return { runId };
  });
