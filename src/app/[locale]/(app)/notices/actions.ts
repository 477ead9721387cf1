"use server";

import { userAction } from "@/accounts/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { markRead, markReadInput } from "@/notifications/notices";

/** Marks the user's notices as read, up to the newest one that was shown. */
export const markNoticesRead = userAction
  .inputSchema(markReadInput)
  .action(async ({ parsedInput: { upTo }, ctx: { user } }) => {
    await markRead(db, { userId: user.id, upTo, now: now() });
  });
