"use server";

import { revalidatePath } from "next/cache";
import { updateProfile } from "@/accounts/update-profile";
import { userAction } from "@/app/safe-action";
import { profileInput } from "@/auth/input";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Saves name, language and time zone. */
export const saveSettings = userAction
  .inputSchema(profileInput)
  .action(async ({ parsedInput: profile, ctx: { user } }) => {
    await updateProfile(db, { userId: user.id, profile, now: now() });
    revalidatePath("/", "layout");
  });
