"use server";

import { refresh } from "next/cache";
import { adminAction, sensitiveAdminAction } from "@/accounts/safe-action";
import {
  previewRelease,
  releaseFreeCredits,
  releaseInput,
  releasePreviewInput,
} from "@/admin/free-credits";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Returns what a release would grant. */
export const previewWithheld = adminAction
  .inputSchema(releasePreviewInput)
  .action(async ({ parsedInput: { userId }, ctx: { user } }) =>
    previewRelease(db, { userId, adminId: user.id, now: now() }),
  );

/** Grants a user the free credits that were withheld. */
export const releaseWithheld = sensitiveAdminAction
  .inputSchema(releaseInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await releaseFreeCredits(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
