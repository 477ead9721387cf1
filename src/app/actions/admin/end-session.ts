"use server";

import { refresh } from "next/cache";
import { endSessionInput } from "@/admin/input";
import { endSession as end } from "@/admin/users/end-session";
import { adminAction } from "@/app/safe-action";
import { signOutDevice } from "@/auth/sessions";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Signs one device of a user out. */
export const endSession = adminAction
  .inputSchema(endSessionInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await end(db, { ...parsedInput, actorId: user.id, now: now() }, signOutDevice);
    refresh();
  });
