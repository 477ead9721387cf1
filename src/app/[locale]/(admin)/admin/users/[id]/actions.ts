"use server";

import { randomUUID } from "node:crypto";
import { refresh } from "next/cache";
import { adminAction, sensitiveAdminAction } from "@/accounts/safe-action";
import {
  banInput,
  endSessionInput,
  endSession as endUserSession,
  setBanned as setUserBanned,
} from "@/admin/users/access";
import {
  adjustInput,
  adjustPreviewInput,
  adjustUserCredits,
  previewAdjustment,
  unfreezeInput,
  unfreezeUserAccount,
} from "@/admin/users/credit-account";
import { signOutDevice } from "@/auth/sessions";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Returns what an adjustment would do. */
export const previewAdjust = adminAction
  .inputSchema(adjustPreviewInput)
  .action(async ({ parsedInput }) => previewAdjustment(db, { ...parsedInput, now: now() }));

/** Adjusts a user's credits. Returns the booking and the id for the next form. */
export const adjustCredits = sensitiveAdminAction
  .inputSchema(adjustInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const booking = await adjustUserCredits(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
    const { amount, balanceAfter, replayed } = booking;
    return { amount, balanceAfter, replayed, nextFormId: randomUUID() };
  });

/** Unfreezes a user's credit account. */
export const unfreezeAccount = sensitiveAdminAction
  .inputSchema(unfreezeInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await unfreezeUserAccount(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });

/** Bans a user or lifts the ban. */
export const setBanned = sensitiveAdminAction
  .inputSchema(banInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await setUserBanned(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });

/** Signs a user out on one device. */
export const endSession = sensitiveAdminAction
  .inputSchema(endSessionInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const end = { ...parsedInput, actorId: user.id, now: now() };
    await endUserSession(db, end, signOutDevice);
    refresh();
  });
