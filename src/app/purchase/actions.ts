"use server";

import { headers } from "next/headers";
import { getLocale } from "next-intl/server";
import { userAction } from "@/app/safe-action";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { startCheckoutInput } from "@/billing/checkout/input";
import { billingDeps } from "@/billing/deps";
import { now } from "@/lib/clock";
import { countByAddress } from "@/rate-limit/count-by-address";
import { countAttempt } from "@/rate-limit/rate-limit";

const BY_USER = { limit: 20, windowSeconds: 600 };
/** Ten times the user's limit, because a school or an office shares one IP address. */
const BY_ADDRESS = { limit: 200, windowSeconds: 600 };

/** Creates a checkout session for one item and returns the `url` of Stripe's payment page. */
export const startCheckout = userAction
  .inputSchema(startCheckoutInput)
  .action(async ({ parsedInput: { item }, ctx: { user } }) => {
    const at = now();
    await countByAddress(await headers(), { what: "checkout", ...BY_ADDRESS });
    await countAttempt(billingDeps.db, { key: `checkout:${user.id}`, ...BY_USER, now: at });
    return createCheckout(billingDeps, {
      userId: user.id,
      item,
      locale: await getLocale(),
      now: at,
    });
  });
