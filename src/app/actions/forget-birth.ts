"use server";

import { userAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { saveProfile } from "@/products/bazi/save-profile";

/** Deletes the birth that the signed-in person kept to fill the form with. */
export const forgetBirthAction = userAction.action(async ({ ctx }) => {
  await saveProfile(db, { userId: ctx.user.id, birth: null, now: now() });
});
