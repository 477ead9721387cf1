"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { eventInput } from "@/admin/input";
import { replayOneEvent } from "@/admin/replay-events";
import { adminAction } from "@/app/actions/safe-action";
import { deliverConsequences } from "@/app/deliver-consequences";
import { alertingBilling } from "@/jobs/alerting-billing";

/** Handles one event again. Answers the status it came to. */
export const replayEvent = adminAction
  .inputSchema(eventInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const status = await replayOneEvent(alertingBilling, { ...parsedInput, actorId: user.id });
    after(deliverConsequences);
    refresh();
    return { status };
  });
