"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { sensitiveAdminAction } from "@/accounts/safe-action";
import {
  closeDeadOutbox,
  closeOutboxInput,
  resendOutbox as resend,
  resendInput,
} from "@/admin/outbox";
import { db } from "@/db";
import { drainOutbox } from "@/jobs/drain-outbox";
import { now } from "@/lib/clock";

/** Queues an entry, or a delivered email again, and drains the outbox after the response. */
export const resendOutbox = sensitiveAdminAction
  .inputSchema(resendInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await resend(db, { ...parsedInput, actorId: user.id, now: now() });
    after(() => drainOutbox());
    refresh();
  });

/** Closes a dead-lettered entry permanently. */
export const closeOutbox = sensitiveAdminAction
  .inputSchema(closeOutboxInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await closeDeadOutbox(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
