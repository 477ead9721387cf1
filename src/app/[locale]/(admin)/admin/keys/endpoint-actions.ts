"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { sensitiveAdminAction } from "@/accounts/safe-action";
import {
  createSiteEndpoint,
  deleteSiteEndpoint,
  endpointInput,
  endpointSwitchInput,
  replayEndpoint,
  rotateEndpointSecret,
  siteEndpointInput,
  switchEndpoint,
} from "@/admin/webhook-endpoints";
import { db } from "@/db";
import { drainOutbox } from "@/jobs/drain-outbox";
import { now } from "@/lib/clock";
import { webhookSettings } from "@/webhooks/settings";

/** Adds an endpoint of a service and returns its signing secret, for the only time. */
export const createWebhookEndpoint = sensitiveAdminAction
  .inputSchema(siteEndpointInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const act = { ...parsedInput, actorId: user.id, now: now() };
    const key = await createSiteEndpoint(db, act, webhookSettings);
    refresh();
    return { key };
  });

/** Replaces the signing secret and returns the new one, for the only time. */
export const rotateWebhookSecret = sensitiveAdminAction
  .inputSchema(endpointInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const act = { ...parsedInput, actorId: user.id, now: now() };
    const key = await rotateEndpointSecret(db, act, webhookSettings);
    refresh();
    return { key };
  });

/** Turns an endpoint on or off. */
export const switchWebhookEndpoint = sensitiveAdminAction
  .inputSchema(endpointSwitchInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await switchEndpoint(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });

/** Queues the failed deliveries of an endpoint again and delivers them after the response. */
export const replayWebhookEndpoint = sensitiveAdminAction
  .inputSchema(endpointInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await replayEndpoint(db, { ...parsedInput, actorId: user.id, now: now() });
    after(() => drainOutbox());
    refresh();
  });

/** Deletes an endpoint. */
export const deleteWebhookEndpoint = sensitiveAdminAction
  .inputSchema(endpointInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await deleteSiteEndpoint(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
