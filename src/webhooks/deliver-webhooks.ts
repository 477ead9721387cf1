import { subDays } from "date-fns";
import { millisecondsInHour, millisecondsInMinute, millisecondsInSecond } from "date-fns/constants";
import { and, eq, isNotNull, isNull, lte } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { type AlertChannels, enqueueAlert } from "@/alerts/alert";
import type { Database } from "@/db/client";
import { outbox, webhookEndpoint } from "@/db/schema";
import { machineNow, runningFrom } from "@/lib/clock";
import { type DrainResult, drainEntries, hasKey, type OutboxEntry } from "@/outbox/drain-entries";
import { failWaiting, readDueEndpoints, readSecrets, type StoredEndpoint } from "./endpoints";
import { eventBody } from "./events";
import { type SafePostOptions, safePost } from "./safe-post";
import type { WebhookSettings } from "./settings";

/** An endpoint whose deliveries have failed for so long is turned off. */
export const DISABLE_AFTER_DAYS = 5;
/** The waits between the attempts of a delivery; after the last it is dead-lettered. About three days. */
const RETRY_AFTER_MS = [
  5 * millisecondsInSecond,
  5 * millisecondsInMinute,
  30 * millisecondsInMinute,
  2 * millisecondsInHour,
  5 * millisecondsInHour,
  10 * millisecondsInHour,
  14 * millisecondsInHour,
  20 * millisecondsInHour,
  24 * millisecondsInHour,
];
/** Longer than one post can take. */
const LEASE_MS = millisecondsInMinute;
/** Endpoints that are delivered to in parallel, so that a slow one delays few others. */
const CONCURRENCY = 8;

const storedWebhook = z.object({ facts: eventBody });

export interface WebhookDelivery {
  readonly settings: WebhookSettings;
  readonly alertChannels: AlertChannels;
  readonly now: Date;
  /** Milliseconds of `performance.now()` after which nothing is delivered. */
  readonly deadlineMs: number;
  /** Only the entries with these keys. */
  readonly keys?: readonly string[] | undefined;
  readonly lookup?: SafePostOptions["lookup"];
  readonly timeoutMs?: number;
}

/**
 * Delivers the events that are due, signed by Standard Webhooks, at least once. A delivery that fails is
 * retried with growing waits; the others of its endpoint wait for the next call, so that an endpoint that
 * is down costs one attempt. After days without a success the endpoint is turned off and the operators are
 * alerted. Any number of workers may run concurrently. Never call it in a transaction.
 */
export async function deliverWebhooks(
  db: Database,
  delivery: WebhookDelivery,
): Promise<DrainResult> {
  const total = { done: 0, failed: 0 };
  const waiting = await readDueEndpoints(db, delivery);
  const serve = async (): Promise<void> => {
    for (let endpoint = waiting.shift(); endpoint !== undefined; endpoint = waiting.shift()) {
      const { done, failed } = await serveEndpoint(db, endpoint, delivery);
      total.done += done;
      total.failed += failed;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, serve));
  return total;
}

async function serveEndpoint(
  db: Database,
  endpoint: StoredEndpoint,
  delivery: WebhookDelivery,
): Promise<DrainResult> {
  const clock = runningFrom(delivery.now);
  let isFailing = endpoint.failingSince !== null;
  return drainEntries(
    db,
    {
      kind: "webhook",
      filter: and(eq(outbox.endpointId, endpoint.id), hasKey(delivery.keys)),
      leaseMs: LEASE_MS,
      async deliver(entry) {
        try {
          await post(entry, endpoint, delivery);
        } catch (error) {
          isFailing = true;
          await recordFailure(db, endpoint, { delivery, now: clock() });
          throw error;
        }
        if (isFailing) await recordSuccess(db, endpoint);
        isFailing = false;
      },
      nextAttemptAt: nextWebhookAttemptAt,
      isOutage: () => true,
    },
    delivery,
  );
}

/** Retries after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours. */
export function nextWebhookAttemptAt({ attempts }: OutboxEntry, now: Date): Date | null {
  const waitMs = RETRY_AFTER_MS[attempts - 1];
  return waitMs === undefined ? null : new Date(now.getTime() + waitMs);
}

/** @throws unless the endpoint responds with 2xx in time */
async function post(
  { payload }: OutboxEntry,
  endpoint: StoredEndpoint,
  { settings, now, lookup, timeoutMs }: WebhookDelivery,
): Promise<void> {
  const { facts } = storedWebhook.parse(payload);
  const body = JSON.stringify(facts);
  // Receivers compare it with real time, which the embedded mode's clock can leave.
  const at = machineNow();
  const secrets = await readSecrets(endpoint, { settings, now });
  const { status, excerpt } = await safePost(
    endpoint.url,
    {
      headers: {
        "content-type": "application/json",
        "user-agent": "QiFlow-Webhooks/1",
        "webhook-id": facts.id,
        "webhook-timestamp": String(Math.floor(at.getTime() / millisecondsInSecond)),
        "webhook-signature": secrets
          .map((secret) => new Webhook(secret).sign(facts.id, at, body))
          .join(" "),
      },
      body,
    },
    {
      allowLoopback: settings.allowLoopback,
      ...(lookup !== undefined && { lookup }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  );
  if (status < 200 || status > 299) {
    throw new Error(`The endpoint responded with ${status}. ${excerpt.slice(0, 200)}`.trim());
  }
}

async function recordSuccess(db: Database, { id }: StoredEndpoint): Promise<void> {
  await db
    .update(webhookEndpoint)
    .set({ failingSince: null })
    .where(and(eq(webhookEndpoint.id, id), isNotNull(webhookEndpoint.failingSince)));
}

/** Records when the failures began, and turns the endpoint off once they have lasted for days. */
async function recordFailure(
  db: Database,
  { id, url }: StoredEndpoint,
  { delivery, now }: { delivery: WebhookDelivery; now: Date },
): Promise<void> {
  await db
    .update(webhookEndpoint)
    .set({ failingSince: now })
    .where(and(eq(webhookEndpoint.id, id), isNull(webhookEndpoint.failingSince)));
  await db.transaction(async (tx) => {
    const [off] = await tx
      .update(webhookEndpoint)
      .set({ disabledAt: now, disabledBy: "failures" })
      .where(
        and(
          eq(webhookEndpoint.id, id),
          isNull(webhookEndpoint.disabledAt),
          lte(webhookEndpoint.failingSince, subDays(now, DISABLE_AFTER_DAYS)),
        ),
      )
      .returning({ failingSince: webhookEndpoint.failingSince });
    if (off === undefined) return;
    await failWaiting(tx, id);
    const failingSince = off.failingSince?.toISOString() ?? null;
    const alert = {
      key: `webhook-off:${id}:${failingSince}`,
      subject: "A webhook endpoint was turned off after days of failures",
      facts: { endpoint: id, host: new URL(url).host, failingSince },
      now,
    };
    await enqueueAlert(tx, alert, delivery.alertChannels);
  });
}
