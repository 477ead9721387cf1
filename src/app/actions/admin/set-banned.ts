"use server";

import { refresh } from "next/cache";
import { banInput } from "@/admin/input";
import { setBanned as setUserBanned } from "@/admin/users/set-banned";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Bans a user or lifts the ban. */
export const setBanned = adminAction
  .inputSchema(banInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await setUserBanned(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
