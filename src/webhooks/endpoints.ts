import { randomBytes } from "node:crypto";
import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";
import { addHours } from "date-fns";
import { and, asc, eq, inArray, isNull, lte, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor, Transaction } from "@/db/client";
import { apiService, outbox, webhookEndpoint } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import { EVENT_TYPES, type EventType } from "./events";
import { checkUrl } from "./safe-post";
import type { WebhookSettings } from "./settings";

/** How long deliveries are also signed with the old secret. */
export const SECRET_OVERLAP_HOURS = 24;
const MAX_ENDPOINTS = 20;

export const endpointId = z.string().regex(/^whe_[A-Za-z0-9_-]{16}$/);
export const newEndpointInput = z.object({
  serviceId: z.string().regex(/^svc_[A-Za-z0-9_-]{16}$/),
  url: z.string().trim().min(1).max(500),
  events: z.array(z.enum(EVENT_TYPES)).min(1).max(EVENT_TYPES.length),
});

export type StoredEndpoint = typeof webhookEndpoint.$inferSelect;

export interface Endpoint {
  readonly id: string;
  readonly serviceName: string;
  readonly url: string;
  readonly events: readonly EventType[];
  readonly failingSince: Date | null;
  readonly disabledAt: Date | null;
  readonly disabledBy: "admin" | "failures" | null;
  /** Dead-lettered deliveries, which can be replayed. */
  readonly failed: number;
}

/**
 * Adds an endpoint to a service of the site and returns its id and signing secret. The secret is stored
 * encrypted and is not shown again.
 * @throws UnsafeUrl, NotFound if the service is not the site's or revoked, InvalidInput if it has too many
 */
export async function createEndpoint(
  tx: Transaction,
  { serviceId, url, events, now }: z.output<typeof newEndpointInput> & { now: Date },
  settings: WebhookSettings,
): Promise<{ id: string; secret: string }> {
  const { href } = checkUrl(url, settings);
  const [service] = await tx
    .select({ id: apiService.id })
    .from(apiService)
    .where(
      and(eq(apiService.id, serviceId), isNull(apiService.userId), isNull(apiService.revokedAt)),
    )
    .for("update");
  if (service === undefined) throw new NotFound("service");
  const count = await tx.$count(webhookEndpoint, eq(webhookEndpoint.serviceId, serviceId));
  if (count >= MAX_ENDPOINTS) throw new InvalidInput("The service has too many endpoints.");
  const id = `whe_${randomBytes(12).toString("base64url")}`;
  const { secret, encrypted } = await newSecret(settings);
  await tx.insert(webhookEndpoint).values({
    id,
    serviceId,
    url: href,
    events: [...new Set(events)],
    secret: encrypted,
    createdAt: now,
  });
  return { id, secret };
}

/** The endpoints of services that are not revoked, oldest first. Reads only. */
export async function listEndpoints(reader: Executor): Promise<Endpoint[]> {
  const rows = await reader
    .select({
      id: webhookEndpoint.id,
      serviceName: apiService.name,
      url: webhookEndpoint.url,
      events: webhookEndpoint.events,
      failingSince: webhookEndpoint.failingSince,
      disabledAt: webhookEndpoint.disabledAt,
      disabledBy: webhookEndpoint.disabledBy,
      failed: sql<number>`(select count(*)::int from ${outbox}
        where endpoint_id = ${webhookEndpoint}.id and outbox.status = 'dead')`,
    })
    .from(webhookEndpoint)
    .innerJoin(apiService, eq(apiService.id, webhookEndpoint.serviceId))
    .where(isNull(apiService.revokedAt))
    .orderBy(asc(webhookEndpoint.createdAt), asc(webhookEndpoint.id));
  return rows.map(({ events, ...endpoint }) => ({ ...endpoint, events: knownTypes(events) }));
}

/**
 * Creates and returns a new secret. For a day, deliveries are also signed with the old one.
 * @throws NotFound
 */
export async function rotateSecret(
  tx: Transaction,
  { id, now }: { id: string; now: Date },
  settings: WebhookSettings,
): Promise<string> {
  const { secret, encrypted } = await newSecret(settings);
  const changed = await tx
    .update(webhookEndpoint)
    .set({
      secret: encrypted,
      previousSecret: sql`${webhookEndpoint.secret}`,
      previousSecretUntil: addHours(now, SECRET_OVERLAP_HOURS),
    })
    .where(eq(webhookEndpoint.id, id))
    .returning({ id: webhookEndpoint.id });
  if (changed.length === 0) throw new NotFound("endpoint");
  return secret;
}

/**
 * Turns an endpoint on or off. Turning it off dead-letters its pending deliveries, which can be replayed.
 * While it is off, events are not recorded for it.
 * @throws NotFound
 */
export async function setEndpointEnabled(
  tx: Transaction,
  { id, isEnabled, now }: { id: string; isEnabled: boolean; now: Date },
): Promise<void> {
  const changed = await tx
    .update(webhookEndpoint)
    .set(
      isEnabled
        ? { disabledAt: null, disabledBy: null, failingSince: null }
        : { disabledAt: now, disabledBy: "admin" },
    )
    .where(eq(webhookEndpoint.id, id))
    .returning({ id: webhookEndpoint.id });
  if (changed.length === 0) throw new NotFound("endpoint");
  if (!isEnabled) await failWaiting(tx, id);
}

/**
 * Deletes an endpoint. Its deliveries stay in the outbox; pending and failed ones are closed.
 * @throws NotFound
 */
export async function deleteEndpoint(tx: Transaction, { id }: { id: string }): Promise<void> {
  const deleted = await tx
    .delete(webhookEndpoint)
    .where(eq(webhookEndpoint.id, id))
    .returning({ id: webhookEndpoint.id });
  if (deleted.length === 0) throw new NotFound("endpoint");
  await tx
    .update(outbox)
    .set({ status: "closed", leasedUntil: null })
    .where(and(eq(outbox.endpointId, id), inArray(outbox.status, ["pending", "dead"])));
}

/** Deletes the endpoints of a service that is revoked. */
export async function deleteEndpointsOf(
  tx: Transaction,
  { serviceId }: { serviceId: string },
): Promise<void> {
  const endpoints = await tx
    .select({ id: webhookEndpoint.id })
    .from(webhookEndpoint)
    .where(eq(webhookEndpoint.serviceId, serviceId));
  for (const endpoint of endpoints) await deleteEndpoint(tx, endpoint);
}

/**
 * Queues the failed deliveries of an endpoint again and returns their number.
 * @throws NotFound, InvalidInput if it is off
 */
export async function replayFailed(
  tx: Transaction,
  { id, now }: { id: string; now: Date },
): Promise<number> {
  await requireEnabled(tx, id);
  const queued = await tx
    .update(outbox)
    .set({ status: "pending", attempts: 0, leasedUntil: null, nextAttemptAt: now })
    .where(and(eq(outbox.endpointId, id), eq(outbox.status, "dead")))
    .returning({ id: outbox.id });
  return queued.length;
}

/** @throws NotFound, InvalidInput if the endpoint is off */
export async function requireEnabled(tx: Transaction, id: string): Promise<void> {
  const [endpoint] = await tx
    .select({ disabledAt: webhookEndpoint.disabledAt })
    .from(webhookEndpoint)
    .where(eq(webhookEndpoint.id, id))
    .for("share");
  if (endpoint === undefined) throw new NotFound("endpoint");
  if (endpoint.disabledAt !== null) throw new InvalidInput("The endpoint is off.");
}

/** Dead-letters the pending deliveries of an endpoint that was turned off. They can be replayed. */
export async function failWaiting(tx: Transaction, id: string): Promise<void> {
  await tx
    .update(outbox)
    .set({ status: "dead", leasedUntil: null, lastError: "The endpoint was turned off." })
    .where(and(eq(outbox.endpointId, id), eq(outbox.status, "pending")));
}

/** The endpoints that are on and have a delivery that is due. */
export async function readDueEndpoints(
  db: Database,
  { now }: { now: Date },
): Promise<StoredEndpoint[]> {
  const due = db
    .selectDistinct({ id: outbox.endpointId })
    .from(outbox)
    // A literal, to match the partial index.
    .where(
      and(
        eq(outbox.kind, "webhook"),
        sql`${outbox.status} = 'pending'`,
        lte(outbox.nextAttemptAt, now),
      ),
    );
  return db
    .select()
    .from(webhookEndpoint)
    .where(and(isNull(webhookEndpoint.disabledAt), inArray(webhookEndpoint.id, due)));
}

/** The secrets that sign a delivery: the current one and, during a rotation, the one before. */
export async function readSecrets(
  { secret, previousSecret, previousSecretUntil }: StoredEndpoint,
  { settings, now }: { settings: WebhookSettings; now: Date },
): Promise<string[]> {
  const isOverlap = previousSecretUntil !== null && previousSecretUntil > now;
  const encrypted = [secret, ...(isOverlap && previousSecret !== null ? [previousSecret] : [])];
  return Promise.all(encrypted.map((data) => symmetricDecrypt({ key: settings.secret, data })));
}

async function newSecret({ secret: key }: WebhookSettings) {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  return { secret, encrypted: await symmetricEncrypt({ key, data: secret }) };
}

function knownTypes(events: readonly string[]): EventType[] {
  return EVENT_TYPES.filter((type) => events.includes(type));
}
