"use server";

import { refresh } from "next/cache";
import { auth } from "@/accounts/auth";
import { sensitiveAdminAction } from "@/accounts/safe-action";
import {
  changeSiteCap,
  createSiteService,
  newSiteServiceInput,
  revokeSiteService,
  rotateSiteKey,
  siteCapInput,
  siteRevocationInput,
  siteRotationInput,
} from "@/admin/api-services";
import { db } from "@/db";
import { machineNow } from "@/lib/clock";

/** Creates a service that acts for the users it names, and returns its key for the only time. */
export const createServiceKey = sensitiveAdminAction
  .inputSchema(newSiteServiceInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const act = { ...parsedInput, actorId: user.id, now: machineNow() };
    const key = await createSiteService(db, auth.api, act);
    refresh();
    return { key };
  });

/** Replaces a service's key and returns the new one, for the only time. */
export const rotateServiceKey = sensitiveAdminAction
  .inputSchema(siteRotationInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const act = { ...parsedInput, actorId: user.id, now: machineNow() };
    const key = await rotateSiteKey(db, auth.api, act);
    refresh();
    return { key };
  });

/** Changes or removes a service's cap. */
export const changeServiceCap = sensitiveAdminAction
  .inputSchema(siteCapInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await changeSiteCap(db, { ...parsedInput, actorId: user.id, now: machineNow() });
    refresh();
  });

/** Revokes a service immediately. */
export const revokeServiceKey = sensitiveAdminAction
  .inputSchema(siteRevocationInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await revokeSiteService(db, { ...parsedInput, actorId: user.id, now: machineNow() });
    refresh();
  });
