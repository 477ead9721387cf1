"use client";

import { useState } from "react";
import { startCheckout } from "@/app/actions/start-checkout";
import type { ItemId } from "@/billing/catalog";
import { type Locale, localePath } from "@/lib/locales";
import { useResetOnReturn } from "./use-reset-on-return";

/** The parameter that carries a choice through sign-up: `/pricing?buy=pack-basic`. */
export const BUY_PARAMETER = "buy";

/** What the server writes for the browser to say, as public pages have no messages. */
export interface CheckoutWords {
  readonly locale: Locale;
  readonly offline: string;
  readonly invalid: string;
}

/**
 * Opens Stripe's payment page for an item. Somebody who is not signed in goes to sign-up and comes
 * back to the same choice. `pending` stays true until the browser has left the page; `problem` says
 * why it has not.
 */
export function useCheckout(words: CheckoutWords): {
  pending: boolean;
  problem: string | null;
  buy: (item: ItemId) => Promise<void>;
} {
  const { locale } = words;
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useResetOnReturn(() => setPending(false));

  const buy = async (item: ItemId) => {
    setPending(true);
    setProblem(null);
    const answer = await startCheckout({ item }).catch(() => null);
    if (answer?.data) return window.location.assign(answer.data.url);
    if (answer?.serverError?.code === "not_signed_in") {
      const next = localePath(locale, `/pricing?${BUY_PARAMETER}=${item}`);
      return window.location.assign(
        localePath(locale, `/sign-up?next=${encodeURIComponent(next)}`),
      );
    }
    setPending(false);
    const refusal = answer?.validationErrors ? words.invalid : words.offline;
    setProblem(answer?.serverError?.text ?? refusal);
  };
  return { pending, problem, buy };
}
