import { getCurrentUser } from "@/accounts/session";
import { getMembership } from "@/billing/queries";
import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

/**
 * Who looks at a static page: the public pages ask this once in the browser to mark the visitor's
 * own plan. Anybody may ask, about themselves only.
 */
export async function GET(): Promise<Response> {
  return respond(async () => {
    const user = await getCurrentUser();
    const membership = user && (await getMembership(db, { userId: user.id, at: now() }));
    return Response.json(
      {
        signedIn: user !== null,
        planId: membership?.plan ?? null,
        simulatedPayments: env.STRIPE_API_BASE !== undefined,
      },
      { headers: { "Cache-Control": "no-store" } },
    );
  });
}
