"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { outboxInput } from "@/admin/input";
import { resendOutbox as resend } from "@/admin/outbox";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { drainOutbox } from "@/jobs/drain-outbox";
import { now } from "@/lib/clock";

/**
 * Puts one entry of the outbox at the head of the queue, a mail that was sent also again, and has the
 * queue worked after the answer.
 */
export const resendOutbox = adminAction
  .inputSchema(outboxInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await resend(db, { ...parsedInput, actorId: user.id, now: now() });
    after(drainOutbox);
    refresh();
  });
