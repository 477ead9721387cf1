import { deliverSoon } from "@/auth/deliver-soon";
import { requireUser } from "@/auth/session";
import { billing } from "@/billing/billing";
import { checkoutStatus } from "@/billing/checkout-status";
import { checkoutStatusInput } from "@/billing/input";
import { NotFound } from "@/lib/errors";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

/** What became of the signed-in person's payment page: `?session_id=cs_…`. */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const input = checkoutStatusInput.safeParse(query);
    if (!input.success) throw new NotFound("checkout");
    const status = await checkoutStatus(billing, {
      userId: user.id,
      sessionId: input.data.session_id,
    });
    if (status.status === "granted") deliverSoon();
    return Response.json(status, { headers: { "Cache-Control": "no-store" } });
  });
}
