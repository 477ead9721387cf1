"use server";

import { userAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { preferencesChange, savePreferences } from "@/notifications/preferences";

/** Turns optional notices on or off; what is not named stays as it is. */
export const saveNoticePreferences = userAction
  .inputSchema(preferencesChange)
  .action(async ({ parsedInput: change, ctx: { user } }) => {
    await savePreferences(db, { userId: user.id, change, now: now() });
  });
