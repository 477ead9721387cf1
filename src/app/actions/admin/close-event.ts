"use server";

import { refresh } from "next/cache";
import { closeDeadEvent } from "@/admin/close-dead";
import { closeEventInput } from "@/admin/input";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Closes a dead Stripe event for good. */
export const closeEvent = adminAction
  .inputSchema(closeEventInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await closeDeadEvent(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
