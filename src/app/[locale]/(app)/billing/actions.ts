"use server";

import { getLocale } from "next-intl/server";
import { userAction } from "@/accounts/safe-action";
import { openPortal as openStripePortal } from "@/billing/checkout/open-portal";
import { billingDeps } from "@/billing/deps";
import { limitUser } from "@/rate-limit/limit-action";

/** Creates a customer portal session and returns its `url`. */
export const openPortal = userAction.action(async ({ ctx: { user } }) => {
  await limitUser({ action: "portal", userId: user.id, perUser: 20 });
  return openStripePortal(billingDeps, { userId: user.id, locale: await getLocale() });
});
