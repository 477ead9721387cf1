import { after } from "next/server";
import { deliverSoon } from "@/auth/deliver-soon";
import { deliverStripeCalls } from "@/billing/deliver-stripe-calls";
import { handleStripeWebhook } from "@/billing/receive-event";
import { alertingBilling } from "@/jobs/alerting-billing";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

/** Stripe's events. What an event causes elsewhere (mails, calls to Stripe) is done after the answer. */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const response = await handleStripeWebhook(alertingBilling, request);
    if (response.ok) {
      after(() => deliverStripeCalls(alertingBilling));
      deliverSoon();
    }
    return response;
  });
}
