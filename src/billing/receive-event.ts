import { AppError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import type { Billing } from "./context";
import { type InboxStatus, recordFailure, storeEvent } from "./inbox";
import { processEvent } from "./process-event";
import { readWebhook, type SignedEvent } from "./read-webhook";

/**
 * `POST /api/webhooks/stripe`: verify, keep the raw event, handle it, answer.
 *
 * 200: handled, ignored, dead (an admin has it) or known already. 400, 405, 413: refused before any
 * database work. 500: not handled; Stripe's retries and our own lead to the same handler.
 */
export async function handleStripeWebhook(billing: Billing, request: Request): Promise<Response> {
  let signed: SignedEvent;
  try {
    signed = await readWebhook(billing, request);
  } catch (error) {
    if (error instanceof AppError) return refusal(error);
    logger.warn({ err: error }, "a delivery broke off");
    return Response.json({ error: "The body could not be read." }, { status: 400 });
  }
  const { id } = signed.event;
  try {
    await storeEvent(billing, signed);
  } catch (error) {
    logger.error({ eventId: id, err: error }, "an event could not be stored");
    return failure();
  }
  const status = await handleStored(billing, id);
  return status === "pending" ? failure() : Response.json({ received: true, status });
}

/** Handles a stored event; an error is counted and leaves it pending (or, after many, dead). */
export async function handleStored(
  billing: Billing,
  id: string,
  options: { anyVersion?: boolean } = {},
): Promise<InboxStatus> {
  try {
    return await processEvent(billing, id, options);
  } catch (error) {
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
