import { billingDeps } from "@/billing/deps";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";
/** Seconds. Covers the response (`WEBHOOK_TIMEOUT_MS`) and the delivery after it (`DRAIN_OUTBOX_MS`). */
export const maxDuration = 180;

/** Receives Stripe's events. Their emails and Stripe calls are delivered after the response. */
export async function POST(request: Request): Promise<Response> {
  return respond(() => handleStripeWebhook(billingDeps, request));
}
