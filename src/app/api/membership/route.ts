import { requireUser } from "@/accounts/session";
import { membershipVersion } from "@/app/membership-version";
import { billingDeps } from "@/billing/deps";
import { MEMBERSHIP_REQUESTS, refreshMembership } from "@/billing/plan-changes/refresh-membership";
import { limitUser } from "@/rate-limit/limit-action";
import { requireSameOrigin } from "../request";
import { respond } from "../respond";

/** Syncs the signed-in user's subscriptions with Stripe. Returns the version of the membership. */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    requireSameOrigin(request);
    const user = await requireUser();
    await limitUser({ action: "membership", userId: user.id, perUser: MEMBERSHIP_REQUESTS });
    const membership = await refreshMembership(billingDeps, { userId: user.id });
    return Response.json(
      { version: membershipVersion(membership) },
      { headers: { "Cache-Control": "no-store" } },
    );
  });
}
