"use server";

import { refresh } from "next/cache";
import { sensitiveAdminAction } from "@/accounts/safe-action";
import { auditedInput } from "@/admin/audit";
import {
  closeDeadEvent,
  closeEventInput,
  replayDeadEvents as replayAll,
  replayInput,
  replayOneEvent,
} from "@/admin/events/dead-letters";
import { billingDeps } from "@/billing/deps";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Below the page's time limit. Another replay continues with the rest. */
const REPLAY_MS = 40_000;

/** Replays one event. Returns its status afterwards. */
export const replayEvent = sensitiveAdminAction
  .inputSchema(replayInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const status = await replayOneEvent(billingDeps, { ...parsedInput, actorId: user.id });
    refresh();
    return { status };
  });

/** Replays every dead event. Returns the tally, or null if the form was sent before. */
export const replayDeadEvents = sensitiveAdminAction
  .inputSchema(auditedInput)
  .action(async ({ parsedInput: { id }, ctx: { user } }) => {
    const deadlineMs = performance.now() + REPLAY_MS;
    const tally = await replayAll(billingDeps, { id, actorId: user.id, deadlineMs });
    refresh();
    return tally;
  });

/** Closes a dead-lettered event permanently. */
export const closeEvent = sensitiveAdminAction
  .inputSchema(closeEventInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await closeDeadEvent(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
