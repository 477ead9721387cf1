"use server";

import { db } from "@/db";
import { now } from "@/lib/clock";
import { saveProfile } from "@/products/bazi/save-profile";
import { userAction } from "./safe-action";

/** Deletes the birth that the signed-in person kept to fill the form with. */
export const forgetBirthAction = userAction.action(async ({ ctx }) => {
  await saveProfile(db, { userId: ctx.user.id, birth: null, now: now() });
});
