"use server";

import { randomUUID } from "node:crypto";
import { adminAction, sensitiveAdminAction } from "@/accounts/safe-action";
import {
  applyGrantsInput,
  applyGrants as applyTo,
  checkGrants as check,
  grantFileInput,
} from "@/admin/users/bulk-grants";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Below the page's time limit. Applying again grants the rest. */
const APPLY_MS = 45_000;

/** Returns what a file would grant. Writes nothing. */
export const checkGrants = adminAction
  .inputSchema(grantFileInput)
  .action(async ({ parsedInput }) => check(db, { ...parsedInput, now: now() }));

/** Grants what a file lists. Returns the result of each line and the id for the next application. */
export const applyGrants = sensitiveAdminAction
  .inputSchema(applyGrantsInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const deadlineMs = performance.now() + APPLY_MS;
    const application = { ...parsedInput, actorId: user.id, now: now(), deadlineMs };
    return { results: await applyTo(db, application), nextFormId: randomUUID() };
  });
