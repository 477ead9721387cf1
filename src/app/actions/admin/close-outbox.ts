"use server";

import { refresh } from "next/cache";
import { closeDeadOutbox } from "@/admin/close-dead";
import { closeOutboxInput } from "@/admin/input";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Closes a dead entry of the outbox for good. */
export const closeOutbox = adminAction
  .inputSchema(closeOutboxInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await closeDeadOutbox(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
