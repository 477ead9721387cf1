"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { replayDeadEvents as replayAll } from "@/admin/replay-events";
import { adminAction } from "@/app/actions/safe-action";
import { deliverConsequences } from "@/app/deliver-consequences";
import { alertingBilling } from "@/jobs/alerting-billing";

/** An action has the page's time limit; what is left then waits for the next press. */
const TIME_MS = 40_000;

/** Handles every dead event once more. Answers what became of them. */
export const replayDeadEvents = adminAction.action(async ({ ctx: { user } }) => {
  const deadlineMs = performance.now() + TIME_MS;
  const tally = await replayAll(alertingBilling, { actorId: user.id, deadlineMs });
  after(deliverConsequences);
  refresh();
  return tally;
});
