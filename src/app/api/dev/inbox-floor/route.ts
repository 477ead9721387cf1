import { billingDeps } from "@/billing/deps";
import { verifyWebhook } from "@/billing/inbox/verify-webhook";
import { instantOf } from "@/billing/stripe/values";
import { db } from "@/db";
import { stripeEvent } from "@/db/schema";
import { env } from "@/env";
import { NotFound } from "@/lib/errors";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

/**
 * The lower bound that `npm run bench:webhooks` compares webhooks with: verifies the signature and
 * inserts the raw event. Embedded mode only. The event is stored as ignored, so no job handles it.
 */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    if (!env.QIFLOW_EMBEDDED) throw new NotFound("page");
    const { event, payload, rawBody } = await verifyWebhook(billingDeps, request);
    if (event === null) throw new NotFound("event");
    const receivedAt = billingDeps.clock();
    await db
      .insert(stripeEvent)
      .values({
        id: event.id,
        type: event.type,
        apiVersion: event.api_version,
        livemode: event.livemode,
        payload,
        rawBody,
        objectId: event.data.object.id ?? null,
        status: "ignored",
        outcome: "measured",
        createdAt: instantOf(event.created),
        receivedAt,
      })
      .onConflictDoNothing();
    return Response.json({ received: true });
  });
}
