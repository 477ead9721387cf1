import { requireUser } from "@/accounts/session";
import { membershipVersion } from "@/app/membership-version";
import { billingDeps } from "@/billing/deps";
import { refreshMembership } from "@/billing/subscriptions/refresh-subscriptions";
import { limitUser } from "@/rate-limit/limit-action";
import { requireSameOrigin } from "../request";
import { respond } from "../respond";

/** Each request calls Stripe. The billing page sends about 12 after a visit to the portal. */
const PER_USER = 60;

/** Syncs the signed-in user's subscriptions with Stripe. Returns the version of the membership. */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    requireSameOrigin(request);
    const user = await requireUser();
    await limitUser({ action: "membership", userId: user.id, perUser: PER_USER });
    const membership = await refreshMembership(billingDeps, { userId: user.id });
    return Response.json(
      { version: membershipVersion(membership) },
      { headers: { "Cache-Control": "no-store" } },
    );
  });
}
