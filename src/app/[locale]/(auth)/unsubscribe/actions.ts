"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { publicAction } from "@/accounts/safe-action";
import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { setSubscription } from "@/notifications/unsubscribe";

/** Turns the emails of an unsubscribe link off or on. The signed token is the authorization. */
export const changeSubscription = publicAction
  .inputSchema(z.object({ token: z.string().max(500), isOn: z.boolean() }))
  .action(async ({ parsedInput: { token, isOn } }) => {
    await setSubscription(db, { token, secret: env.BETTER_AUTH_SECRET, isOn, now: now() });
    revalidatePath("/", "layout");
  });
