import { AppError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { processEvent } from "./process-event";
import { type InboxStatus, recordFailure, type StoredEvent, storeEvent } from "./store-event";
import { readWebhook, type SignedEvent } from "./verify-webhook";

/**
 * Well below what Stripe waits for an answer: some 20 s, as people report, it is not documented. Then
 * it would send the event again beside this request.
 */
export const WEBHOOK_TIMEOUT_MS = 8_000;

interface WebhookOptions {
  /** Called when this request has closed the event, not when it was closed already. */
  readonly onClosed?: () => void;
  /** How long the answer may wait for what has to be asked of Stripe. */
  readonly timeoutMs?: number;
}

/**
 * `POST /api/webhooks/stripe`: verify, keep the raw event, handle it, answer.
 *
 * 200: handled, ignored, dead (an admin has it) or known already. 400, 405, 413: refused before any
 * database work. 500: not handled; Stripe's retries and our own lead to the same handler.
 */
export async function handleStripeWebhook(
  billing: BillingDeps,
  request: Request,
  { onClosed = () => {}, timeoutMs = WEBHOOK_TIMEOUT_MS }: WebhookOptions = {},
): Promise<Response> {
  let signed: SignedEvent;
  try {
    signed = await readWebhook(billing, request);
  } catch (error) {
    if (error instanceof AppError) return refusal(error);
    logger.warn({ err: error }, "a delivery broke off");
    return Response.json({ error: "The body could not be read." }, { status: 400 });
  }
  let known: StoredEvent;
  try {
    known = (await storeEvent(billing, signed)).stored;
  } catch (error) {
    logger.error({ eventId: signed.event.id, err: error }, "an event could not be stored");
    return failure();
  }
  const status = await handleStored(billing, known, { timeoutMs });
  if (status !== "pending" && known.status === "pending") onClosed();
  return status === "pending" ? failure() : Response.json({ received: true, status });
}

/**
 * Handles a stored event; an error is counted and leaves it pending (or, after many, dead). `onError`
 * hears of it.
 */
export async function handleStored(
  billing: BillingDeps,
  event: StoredEvent,
  options: { onError?: (error: unknown) => void; timeoutMs?: number } = {},
): Promise<InboxStatus> {
  const { id } = event;
  try {
    return await processEvent(billing, event, options);
  } catch (error) {
    options.onError?.(error);
    try {
      return await recordFailure(billing, id, error);
    } catch (unrecorded) {
      // The database is away: the retry job finds the event by the instant set when it was stored.
      logger.error({ eventId: id, err: error, unrecorded }, "an event failed, uncounted");
      return "pending";
    }
  }
}

function refusal(error: AppError): Response {
  const headers = error.status === 405 ? { Allow: "POST" } : {};
  return Response.json({ error: error.message }, { status: error.status, headers });
}

function failure(): Response {
  return Response.json({ error: "Not handled; send it again." }, { status: 500 });
}
