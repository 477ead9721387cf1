import { z } from "zod";
import type { Database } from "@/db/client";
import {
  createEndpoint,
  deleteEndpoint,
  endpointId,
  newEndpointInput,
  replayFailed,
  rotateSecret,
  setEndpointEnabled,
} from "@/webhooks/endpoints";
import type { WebhookSettings } from "@/webhooks/settings";
import { type Audited, auditedInput, completeAudit, recordAudit } from "./audit";

export const siteEndpointInput = auditedInput.extend(newEndpointInput.shape);
export const endpointInput = auditedInput.extend({ endpointId });
export const endpointSwitchInput = endpointInput.extend({ isEnabled: z.boolean() });

type EndpointAct = Audited<typeof endpointInput>;

/**
 * Adds an endpoint and returns its signing secret; null if the form was processed before.
 * @throws UnsafeUrl, NotFound, InvalidInput
 */
export async function createSiteEndpoint(
  db: Database,
  { id, actorId, now, ...endpoint }: Audited<typeof siteEndpointInput>,
  settings: WebhookSettings,
): Promise<string | null> {
  return db.transaction(async (tx) => {
    const { serviceId, events } = endpoint;
    const after = { serviceId, url: endpoint.url, events: events.join(" ") };
    const isNew = await recordAudit(tx, { id, actorId, action: "endpoint.create", after, now });
    if (!isNew) return null;
    const created = await createEndpoint(tx, { ...endpoint, now }, settings);
    await completeAudit(tx, { id, after: { endpointId: created.id } });
    return created.secret;
  });
}

/** Makes a new secret and returns it; null if the form was processed before. @throws NotFound */
export async function rotateEndpointSecret(
  db: Database,
  { id, actorId, now, endpointId: endpoint }: EndpointAct,
  settings: WebhookSettings,
): Promise<string | null> {
  return db.transaction(async (tx) => {
    const after = { endpointId: endpoint };
    const isNew = await recordAudit(tx, { id, actorId, action: "endpoint.rotate", after, now });
    return isNew ? rotateSecret(tx, { id: endpoint, now }, settings) : null;
  });
}

/** @throws NotFound */
export async function switchEndpoint(
  db: Database,
  { id, actorId, now, endpointId: endpoint, isEnabled }: Audited<typeof endpointSwitchInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const action = isEnabled ? "endpoint.enable" : "endpoint.disable";
    const after = { endpointId: endpoint };
    const isNew = await recordAudit(tx, { id, actorId, action, after, now });
    if (isNew) await setEndpointEnabled(tx, { id: endpoint, isEnabled, now });
  });
}

/** @throws NotFound */
export async function deleteSiteEndpoint(
  db: Database,
  { id, actorId, now, endpointId: endpoint }: EndpointAct,
): Promise<void> {
  await db.transaction(async (tx) => {
    const after = { endpointId: endpoint };
    const isNew = await recordAudit(tx, { id, actorId, action: "endpoint.delete", after, now });
    if (isNew) await deleteEndpoint(tx, { id: endpoint });
  });
}

/** Queues the failed deliveries of an endpoint again. @throws NotFound, InvalidInput if it is off */
export async function replayEndpoint(
  db: Database,
  { id, actorId, now, endpointId: endpoint }: EndpointAct,
): Promise<void> {
  await db.transaction(async (tx) => {
    const after = { endpointId: endpoint };
    const isNew = await recordAudit(tx, { id, actorId, action: "endpoint.replay", after, now });
    if (!isNew) return;
    const queued = await replayFailed(tx, { id: endpoint, now });
    await completeAudit(tx, { id, after: { queued } });
  });
}
