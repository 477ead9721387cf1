"use server";

import { refresh } from "next/cache";
import { unfreezeInput } from "@/admin/input";
import { unfreezeUserAccount } from "@/admin/users/unfreeze-account";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Lets a frozen account spend again. */
export const unfreezeAccount = adminAction
  .inputSchema(unfreezeInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await unfreezeUserAccount(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
