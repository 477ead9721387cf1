import { after } from "next/server";
import { deliverConsequences } from "@/app/deliver-consequences";
import { handleStripeWebhook } from "@/billing/receive-event";
import { alertingBilling } from "@/jobs/alerting-billing";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

/** Stripe's events. What an event causes elsewhere (mails, calls to Stripe) is done after the answer. */
export async function POST(request: Request): Promise<Response> {
  return respond(() =>
    handleStripeWebhook(alertingBilling, request, () => after(deliverConsequences)),
  );
}
