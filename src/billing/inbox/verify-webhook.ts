import type Stripe from "stripe";
import { z } from "zod";
import { clockOffsetMs } from "@/lib/clock";
import { readBody } from "@/lib/read-body";
import type { BillingDeps } from "../deps";
import { WebhookRefused } from "../errors";

const MAX_BODY_BYTES = 1024 * 1024;
const TOLERANCE_SECONDS = 300;

/**
 * The fields we read of an event: its envelope and the id of its object. They are the same in every
 * API version. Handlers fetch everything else from Stripe at the pinned version.
 */
export const eventEnvelope = z.object({
  id: z.string().min(1).max(255),
  object: z.literal("event"),
  type: z.string(),
  api_version: z.string().nullable().default(null),
  created: z.int().nonnegative(),
  livemode: z.boolean(),
  /** Set on events of connected accounts. */
  account: z.string().optional(),
  data: z.object({
    object: z.looseObject({
      id: z.string().optional(),
      customer: z.unknown().optional(),
    }),
  }),
});
export type EventEnvelope = z.output<typeof eventEnvelope>;

/** An event with a valid signature, or one that Stripe listed. */
export interface SignedEvent {
  readonly id: string;
  /** Null if the payload is an event of Stripe's, but not in the shape we read. */
  readonly event: EventEnvelope | null;
  readonly payload: unknown;
  /** The payload byte for byte. */
  readonly rawBody: Buffer;
}

/** Enough to know that a payload is one of Stripe's events. */
const identifiedEvent = z.object({ id: z.string().min(1), object: z.literal("event") });

/** Reads Stripe's payload; null if it is not an event. */
export function readEvent(payload: unknown, rawBody: Buffer): SignedEvent | null {
  const identified = identifiedEvent.safeParse(payload);
  if (!identified.success) return null;
  const event = eventEnvelope.safeParse(payload).data ?? null;
  return { id: identified.data.id, event, payload, rawBody };
}

/**
 * Reads a delivery and verifies that Stripe signed it, without database access. The body is at most
 * 1 MB, and its signature at most 300 s old or ahead. While a secret is rotated, one matching v1
 * signature of several is enough. An empty secret refuses every delivery.
 * @throws WebhookRefused (405, 413, 400)
 */
export async function verifyWebhook(billing: BillingDeps, request: Request): Promise<SignedEvent> {
  if (request.method !== "POST") throw new WebhookRefused(405, "Use POST.");
  const body = await readCapped(request);
  const signature = request.headers.get("stripe-signature");
  if (signature === null) throw new WebhookRefused(400, "The signature is missing.");
  // Signatures carry real time, even while the embedded mode's clock runs ahead.
  const realMs = billing.clock().getTime() - clockOffsetMs();
  requireTimestamp(signature, realMs);
  const payload = constructEvent(billing, { body, signature, realMs });
  const signed = readEvent(payload, body);
  if (signed === null) throw new WebhookRefused(400, "The body is not a Stripe event.");
  return signed;
}

async function readCapped(request: Request): Promise<Buffer> {
  const declaredBytes = Number(request.headers.get("content-length") ?? 0);
  const body = declaredBytes > MAX_BODY_BYTES ? null : await readBody(request, MAX_BODY_BYTES);
  if (body === null) throw new WebhookRefused(413, "The body is larger than 1 MB.");
  if (body.length === 0) throw new WebhookRefused(400, "The body is empty.");
  return body;
}

/** The SDK refuses old signatures but accepts future ones and timestamps that are not numbers. */
function requireTimestamp(signature: string, realMs: number): void {
  // A second timestamp would replace the first one when the SDK reads it.
  const [timestamp = "", ...others] = signature.split(",").filter((part) => /^t(=|$)/.test(part));
  const signedAt = timestamp.slice("t=".length);
  if (!/^\d+$/.test(signedAt) || others.length > 0) {
    throw new WebhookRefused(400, "The signature has no timestamp.");
  }
  if (Number(signedAt) > realMs / 1000 + TOLERANCE_SECONDS) {
    throw new WebhookRefused(400, "The signature's timestamp is in the future.");
  }
}

function constructEvent(
  { stripe, webhookSecret }: BillingDeps,
  delivery: { body: Buffer; signature: string; realMs: number },
): Stripe.Event {
  try {
    return stripe.webhooks.constructEvent(
      delivery.body,
      delivery.signature,
      webhookSecret,
      TOLERANCE_SECONDS,
      undefined,
      delivery.realMs,
    );
  } catch {
    // The exact reason would only help an attacker.
    throw new WebhookRefused(400, "The signature or the body is invalid.");
  }
}
