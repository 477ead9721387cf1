"use server";

import { refresh } from "next/cache";
import { sensitiveAdminAction } from "@/accounts/safe-action";
import { releaseFreeCredits, releaseInput } from "@/admin/free-credits";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Grants a user the free credits that were withheld. */
export const releaseWithheld = sensitiveAdminAction
  .inputSchema(releaseInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await releaseFreeCredits(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
