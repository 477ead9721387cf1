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
/** A school or an office has one address. */
const BY_ADDRESS = { limit: 200, windowSeconds: 600 };

/** Opens Stripe's payment page for one item; the client goes to the `url` it answers. */
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
