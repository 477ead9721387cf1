import { AppError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { attemptEvent } from "./process-event";
import { storeEvent } from "./store-event";
import { type SignedEvent, verifyWebhook } from "./verify-webhook";

/**
 * Stripe waits about 20 s for a response (users report this; it is undocumented). After that it
 * would deliver the event again while this request is still running.
 */
export const WEBHOOK_TIMEOUT_MS = 8_000;

interface WebhookOptions {
  /** Limit for all Stripe calls of the handler together. */
  readonly timeoutMs?: number;
}

/**
 * `POST /api/webhooks/stripe`: verifies the delivery, stores the raw event and handles it.
 *
 * - 200: handled, ignored, dead-lettered or already known
 * - 400, 405, 413: refused before any database work
 * - 500: not handled; Stripe's retries and ours run the same handler
 */
export async function handleStripeWebhook(
  billing: BillingDeps,
  request: Request,
  { timeoutMs = WEBHOOK_TIMEOUT_MS }: WebhookOptions = {},
): Promise<Response> {
  let signed: SignedEvent;
  try {
    signed = await verifyWebhook(billing, request);
  } catch (error) {
    if (error instanceof AppError) return refusal(error);
    logger.warn({ err: error }, "webhook body could not be read");
    return Response.json({ error: "The body could not be read." }, { status: 400 });
  }
  let received: Awaited<ReturnType<typeof storeEvent>>;
  try {
    received = await storeEvent(billing, signed);
  } catch (error) {
    logger.error({ eventId: signed.id, err: error }, "Stripe event could not be stored");
    return failure();
  }
  const status = await attemptEvent(billing, received.stored, { timeoutMs });
  return status === "pending" ? failure() : Response.json({ received: true, status });
}

function refusal(error: AppError): Response {
  const headers = error.status === 405 ? { Allow: "POST" } : {};
  return Response.json({ error: error.message }, { status: error.status, headers });
}

function failure(): Response {
  return Response.json({ error: "The event was not handled. Send it again." }, { status: 500 });
}
