"use client";

import { type ReactNode, useEffect, useRef } from "react";
import { useViewer } from "@/app/viewer";
import { isItemId } from "@/billing/catalog";
import { BUY_PARAMETER, type CheckoutWords, useCheckout } from "./use-checkout";

/**
 * Goes on with the purchase that somebody chose before they had an account. The choice is taken out
 * of the address first, so that Back from Stripe's page does not lead there again.
 */
export function ResumePurchase({
  words,
  pending: busy,
}: {
  words: CheckoutWords;
  pending: ReactNode;
}) {
  const signedIn = useViewer()?.signedIn ?? false;
  const { pending, problem, buy } = useCheckout(words);
  const resumed = useRef(false);
  useEffect(() => {
    if (!signedIn || resumed.current) return;
    const url = new URL(window.location.href);
    const item = url.searchParams.get(BUY_PARAMETER);
    if (!isItemId(item)) return;
    resumed.current = true;
    url.searchParams.delete(BUY_PARAMETER);
    window.history.replaceState(window.history.state, "", url);
    void buy(item);
  }, [signedIn, buy]);
  if (problem !== null) {
    return (
      <p
        role="alert"
        className="mb-8 rounded-lg border border-destructive/40 bg-card p-4 text-muted-foreground text-sm"
      >
        {problem}
      </p>
    );
  }
  return pending ? busy : null;
}
