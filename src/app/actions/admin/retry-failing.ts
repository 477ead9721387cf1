"use server";

import { refresh } from "next/cache";
import { retryFailing as retry } from "@/admin/distribution/failing";
import { retryScheduleInput } from "@/admin/input";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Grants one user what a run could not. Answers what came of it. */
export const retryFailing = adminAction
  .inputSchema(retryScheduleInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const retried = await retry(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
    return retried;
  });
