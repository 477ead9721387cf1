import { queryOf } from "@/app/api/query-of";
import { deliverSoon } from "@/auth/deliver-soon";
import { requireUser } from "@/auth/session";
import { checkoutStatus } from "@/billing/checkout/checkout-status";
import { checkoutStatusInput } from "@/billing/checkout/input";
import { billingDeps } from "@/billing/deps";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { NotFound } from "@/lib/errors";
import { countAttempt } from "@/rate-limit/rate-limit";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

/** Each question may become one to Stripe. A page asks about 30 times in ten minutes, then waits. */
const LIMIT = { limit: 120, windowSeconds: 600 };

/** What became of the signed-in person's payment page: `?session_id=cs_…`. */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    await countAttempt(db, { key: `checkout-status:${user.id}`, ...LIMIT, now: now() });
    const query = queryOf(request);
    const input = checkoutStatusInput.safeParse(query);
    if (!input.success) throw new NotFound("checkout");
    const status = await checkoutStatus(billingDeps, {
      userId: user.id,
      sessionId: input.data.session_id,
    });
    if (status.status === "granted") deliverSoon();
    return Response.json(status, { headers: { "Cache-Control": "no-store" } });
  });
}
