"use server";

import { refresh } from "next/cache";
import { eventInput } from "@/admin/input";
import { replayOneEvent } from "@/admin/replay-events";
import { adminAction } from "@/app/actions/safe-action";
import { alertingBilling } from "@/jobs/alerting-billing";

/** Handles one event again. Answers the status it came to. */
export const replayEvent = adminAction
  .inputSchema(eventInput)
  .action(async ({ parsedInput: { eventId }, ctx: { user } }) => {
    const status = await replayOneEvent(alertingBilling, { eventId, actorId: user.id });
    refresh();
    return { status };
  });
