import { deliverEmailsAfterResponse } from "@/accounts/deliver-emails";
import { requireUser } from "@/accounts/session";
import { queryOf } from "@/app/api/request";
import { checkoutStatus, checkoutStatusInput } from "@/billing/checkout/checkout-status";
import { billingDeps } from "@/billing/deps";
import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { NotFound } from "@/lib/errors";
import { countAttempt } from "@/rate-limit/rate-limit";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

/** Each request may call Stripe. The success page sends about 30 in ten minutes, then stops. */
const LIMIT = { limit: 120, windowSeconds: 600 };

/** Returns the status of one of the signed-in user's checkouts: `?session_id=cs_…`. */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    await countAttempt(db, {
      key: `checkout-status:${user.id}`,
      secret: env.BETTER_AUTH_SECRET,
      ...LIMIT,
      now: now(),
    });
    const input = checkoutStatusInput.safeParse(queryOf(request));
    if (!input.success) throw new NotFound("checkout");
    const status = await checkoutStatus(billingDeps, {
      userId: user.id,
      sessionId: input.data.session_id,
    });
    if (status.status === "granted") deliverEmailsAfterResponse();
    return Response.json(status, { headers: { "Cache-Control": "no-store" } });
  });
}
