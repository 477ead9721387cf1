"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { userAction } from "@/app/safe-action";
import { signOutDevice, signOutOtherDevices } from "@/auth/sessions";
import { db } from "@/db";

/** Signs one of the person's devices out. */
export const signOutOne = userAction
  .inputSchema(z.object({ sessionId: z.string().min(1).max(100) }))
  .action(async ({ parsedInput: { sessionId }, ctx: { user } }) => {
    await signOutDevice(db, { userId: user.id, sessionId });
    revalidatePath("/", "layout");
  });

/** Signs all devices out but this one. */
export const signOutOthers = userAction.action(async ({ ctx: { user } }) => {
  await signOutOtherDevices(db, { userId: user.id, keepSessionId: user.sessionId });
  revalidatePath("/", "layout");
});
