"use server";

import { getLocale } from "next-intl/server";
import { countAttempt } from "@/auth/rate-limit";
import { billing } from "@/billing/billing";
import { createCheckout } from "@/billing/create-checkout";
import { startCheckoutInput } from "@/billing/input";
import { now } from "@/lib/clock";
import { userAction } from "./safe-action";

const LIMIT = { limit: 20, windowSeconds: 600 };

/** Opens Stripe's payment page for one item; the client goes to the `url` it answers. */
export const startCheckout = userAction
  .inputSchema(startCheckoutInput)
  .action(async ({ parsedInput: { item }, ctx: { user } }) => {
    const at = now();
    await countAttempt(billing.db, { key: `checkout:${user.id}`, ...LIMIT, now: at });
    return createCheckout(billing, {
      userId: user.id,
      item,
      locale: await getLocale(),
      now: at,
    });
  });
