import { requireUser } from "@/accounts/session";
import { membershipVersion } from "@/app/membership-version";
import { billingDeps } from "@/billing/deps";
import { refreshMembership } from "@/billing/subscriptions/refresh-subscriptions";
import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { countAttempt } from "@/rate-limit/rate-limit";
import { requireSameOrigin } from "../request";
import { respond } from "../respond";

/** Each request calls Stripe. The billing page sends about 12 after a visit to the portal. */
const LIMIT = { limit: 60, windowSeconds: 600 };

/** Syncs the signed-in user's subscriptions with Stripe. Returns the version of the membership. */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    requireSameOrigin(request);
    const user = await requireUser();
    await countAttempt(db, {
      key: `membership:${user.id}`,
      secret: env.BETTER_AUTH_SECRET,
      ...LIMIT,
      now: now(),
    });
    const membership = await refreshMembership(billingDeps, { userId: user.id });
    return Response.json(
      { version: membershipVersion(membership) },
      { headers: { "Cache-Control": "no-store" } },
    );
  });
}
