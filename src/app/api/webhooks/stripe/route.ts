import { after } from "next/server";
import { billingDeps } from "@/billing/deps";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { drainOutbox } from "@/jobs/drain-outbox";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";
/** Seconds: for the answer (`WEBHOOK_TIMEOUT_MS`) and for what is done after it (`DRAIN_OUTBOX_MS`). */
export const maxDuration = 180;

/** Stripe's events. What an event causes elsewhere (mails, calls to Stripe) is done after the answer. */
export async function POST(request: Request): Promise<Response> {
  return respond(() =>
    handleStripeWebhook(billingDeps, request, { onClosed: () => after(drainOutbox) }),
  );
}
