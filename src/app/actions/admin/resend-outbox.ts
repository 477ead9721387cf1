"use server";

import { refresh } from "next/cache";
import { outboxInput } from "@/admin/input";
import { resendOutbox as resend } from "@/admin/outbox";
import { adminAction } from "@/app/actions/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Puts one mail or one call to Stripe at the head of the queue. */
export const resendOutbox = adminAction
  .inputSchema(outboxInput)
  .action(async ({ parsedInput: { id }, ctx: { user } }) => {
    await resend(db, { id, actorId: user.id, now: now() });
    refresh();
  });
