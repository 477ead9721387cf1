"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { replayDeadEvents as replayAll } from "@/admin/events/replay-events";
import { pressInput } from "@/admin/input";
import { adminAction } from "@/app/safe-action";
import { billingDeps } from "@/billing/deps";
import { drainOutbox } from "@/jobs/drain-outbox";

/** An action has the page's time limit; what is left then waits for the next press. */
const TIME_MS = 40_000;

/** Handles every dead event once more. Answers what became of them; null for a press sent again. */
export const replayDeadEvents = adminAction
  .inputSchema(pressInput)
  .action(async ({ parsedInput: { id }, ctx: { user } }) => {
    const deadlineMs = performance.now() + TIME_MS;
    const tally = await replayAll(billingDeps, { id, actorId: user.id, deadlineMs });
    after(drainOutbox);
    refresh();
    return tally;
  });
