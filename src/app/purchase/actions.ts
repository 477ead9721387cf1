"use server";

import { headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import { userAction } from "@/accounts/safe-action";
import { createCheckout, startCheckoutInput } from "@/billing/checkout/create-checkout";
import { billingDeps } from "@/billing/deps";
import { catalog } from "@/catalog/catalog";
import { now } from "@/lib/clock";
import { limitAction } from "@/rate-limit/limit-action";

/** Creates a checkout session for one item in one currency and returns the `url` of Stripe's payment page. */
export const startCheckout = userAction
  .inputSchema(startCheckoutInput)
  .action(async ({ parsedInput: { item, currency, consent: version }, ctx: { user } }) => {
    await limitAction(await headers(), { action: "checkout", userId: user.id, perUser: 20 });
    const t = await getTranslations("legal.consent");
    const days = catalog.consumerRights?.withdrawalDays ?? 0;
    return createCheckout(billingDeps, {
      userId: user.id,
      item,
      ...(currency !== undefined && { currency }),
      consent: { version, text: t("statement", { days }) },
      locale: await getLocale(),
      now: now(),
    });
  });
