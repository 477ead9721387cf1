import { requireUser } from "@/accounts/session";
import { queryOf } from "@/app/api/request";
import { checkoutStatus, checkoutStatusInput } from "@/billing/checkout/checkout-status";
import { billingDeps } from "@/billing/deps";
import { NotFound } from "@/lib/errors";
import { limitUser } from "@/rate-limit/limit-action";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

/** Each request may call Stripe. The success page sends about 30 in ten minutes, then stops. */
const PER_USER = 120;

/** Returns the status of one of the signed-in user's checkouts: `?session_id=cs_…`. */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    await limitUser({ action: "checkout-status", userId: user.id, perUser: PER_USER });
    const input = checkoutStatusInput.safeParse(queryOf(request));
    if (!input.success) throw new NotFound("checkout");
    const status = await checkoutStatus(billingDeps, {
      userId: user.id,
      sessionId: input.data.session_id,
    });
    return Response.json(status, { headers: { "Cache-Control": "no-store" } });
  });
}
