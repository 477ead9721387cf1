import type Stripe from "stripe";
import { clockOffsetMs } from "@/lib/clock";
import type { Billing } from "./context";
import { WebhookRefused } from "./errors";
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
export async function readWebhook(billing: Billing, request: Request): Promise<SignedEvent> {
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

async function readCapped(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) throw new WebhookRefused(400, "The body is empty.");
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(part.value);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): WebhookRefused {
  return new WebhookRefused(413, "The body is larger than 1 MB.");
}

/** The SDK refuses old signatures but lets those from the future pass. */
function refuseFuture(signature: string, realMs: number): void {
  const signedAt = Number(/(?:^|,)t=(\d+)/.exec(signature)?.[1] ?? Number.NaN);
  if (signedAt > realMs / 1000 + TOLERANCE_SECONDS) {
    throw new WebhookRefused(400, "The signature is from the future.");
  }
}

function verify(
  { stripe, webhookSecret }: Billing,
  delivery: { body: Uint8Array; signature: string; realMs: number },
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
