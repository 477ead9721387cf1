import type Stripe from "stripe";
import { clockOffsetMs } from "@/lib/clock";
import { readBody } from "@/lib/read-body";
import type { BillingDeps } from "../deps";
import { WebhookRefused } from "../errors";
import { type EventEnvelope, eventEnvelope } from "./event-envelope";

const MAX_BODY_BYTES = 1024 * 1024;
const TOLERANCE_SECONDS = 300;

/** A delivery that Stripe has signed. */
export interface SignedEvent {
  readonly event: EventEnvelope;
  /** The payload whole, for the inbox. */
  readonly payload: unknown;
}

/**
 * Reads a delivery and proves that Stripe sent it, before anything is looked up or written: at most
 * 1 MB, signed with our secret (any of several v1 signatures, as while a secret is rotated), no more
 * than 300 s old or ahead. An empty secret refuses all.
 * @throws WebhookRefused (405, 413, 400)
 */
export async function readWebhook(billing: BillingDeps, request: Request): Promise<SignedEvent> {
  if (request.method !== "POST") throw new WebhookRefused(405, "Stripe posts its events.");
  const body = await readCapped(request);
  const signature = request.headers.get("stripe-signature");
  if (signature === null) throw new WebhookRefused(400, "The signature is missing.");
  // Signatures carry real time, also while the embedded mode's clock runs ahead.
  const realMs = billing.clock().getTime() - clockOffsetMs();
  refuseFuture(signature, realMs);
  const payload = verify(billing, { body, signature, realMs });
  const parsed = eventEnvelope.safeParse(payload);
  if (!parsed.success) throw new WebhookRefused(400, "The body is no event of Stripe's.");
  return { event: parsed.data, payload };
}

async function readCapped(request: Request): Promise<Buffer> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  const body = announced > MAX_BODY_BYTES ? null : await readBody(request, MAX_BODY_BYTES);
  if (body === null) throw new WebhookRefused(413, "The body is larger than 1 MB.");
  if (body.length === 0) throw new WebhookRefused(400, "The body is empty.");
  return body;
}

/** The SDK refuses old signatures but lets those from the future pass. */
function refuseFuture(signature: string, realMs: number): void {
  const signedAt = Number(/(?:^|,)t=(\d+)/.exec(signature)?.[1] ?? Number.NaN);
  if (signedAt > realMs / 1000 + TOLERANCE_SECONDS) {
    throw new WebhookRefused(400, "The signature is from the future.");
  }
}

function verify(
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
    // Which of its reasons it was is of use to an attacker only.
    throw new WebhookRefused(400, "The signature or the body is not Stripe's.");
  }
}
