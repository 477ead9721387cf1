"use server";

import { getLocale } from "next-intl/server";
import { userAction } from "@/accounts/safe-action";
import { openPortal as openStripePortal } from "@/billing/checkout/open-portal";
import { billingDeps } from "@/billing/deps";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { countAttempt } from "@/rate-limit/rate-limit";

const LIMIT = { limit: 20, windowSeconds: 600 };

/** Creates a customer portal session and returns its `url`. */
export const openPortal = userAction.action(async ({ ctx: { user } }) => {
  await countAttempt(billingDeps.db, {
    key: `portal:${user.id}`,
    secret: env.BETTER_AUTH_SECRET,
    ...LIMIT,
    now: now(),
  });
  return openStripePortal(billingDeps, { userId: user.id, locale: await getLocale() });
});
