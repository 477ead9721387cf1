"use server";

import { randomUUID } from "node:crypto";
import { refresh } from "next/cache";
import { adjustInput } from "@/admin/input";
import { adjustUserCredits } from "@/admin/users/adjust-credits";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Corrects a user's credits. Answers what was booked and the id for the next form. */
export const adjustCredits = adminAction
  .inputSchema(adjustInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const booking = await adjustUserCredits(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
    const { amount, balanceAfter, replayed } = booking;
    return { amount, balanceAfter, replayed, nextFormId: randomUUID() };
  });
