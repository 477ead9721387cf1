"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { replayOneEvent } from "@/admin/events/replay-events";
import { eventInput } from "@/admin/input";
import { adminAction } from "@/app/safe-action";
import { billingDeps } from "@/billing/deps";
import { drainOutbox } from "@/jobs/drain-outbox";

/** Handles one event again. Answers the status it came to. */
export const replayEvent = adminAction
  .inputSchema(eventInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const status = await replayOneEvent(billingDeps, { ...parsedInput, actorId: user.id });
    after(drainOutbox);
    refresh();
    return { status };
  });
