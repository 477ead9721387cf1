import { getCurrentUser } from "@/accounts/session";
import { isTrialUsed } from "@/billing/purchases/trial";
import { getMembership, shownPlan } from "@/billing/queries";
import { db } from "@/db";
import { env } from "@/env";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

/**
 * Returns the visitor's plan and balance, which the static public pages fetch in the browser. Public: it only
 * reveals the caller's own state.
 */
export async function GET(): Promise<Response> {
  return respond(async () => {
    const user = await getCurrentUser();
    const at = now();
    const [membership, balance] =
      user === null
        ? [null, null]
        : await Promise.all([
            getMembership(db, { userId: user.id, at }),
            getBalance(db, { userId: user.id, now: at }),
          ]);
    return Response.json(
      {
        userId: user?.id ?? null,
        signedIn: user !== null,
        plan: membership && shownPlan(membership),
        kind:
          membership?.unpaid?.reason === "payment" ? "subscription" : (membership?.kind ?? null),
        boundCurrency: membership?.boundCurrency ?? null,
        trialUsed: user !== null && (await isTrialUsed(db, { userId: user.id })),
        available: Math.max(0, balance?.available ?? 0),
        debt: balance?.debt ?? 0,
        simulatedPayments: env.STRIPE_API_BASE !== undefined,
      },
      { headers: { "Cache-Control": "no-store" } },
    );
  });
}
