"use server";

import { userAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { markRead, markReadInput } from "@/notifications/mark-read";

/** Marks one's own notices as read, up to the newest that was seen. */
export const markNoticesRead = userAction
  .inputSchema(markReadInput)
  .action(async ({ parsedInput: { upTo }, ctx: { user } }) => {
    await markRead(db, { userId: user.id, upTo, now: now() });
  });
