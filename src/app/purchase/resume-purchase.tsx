"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { useViewer } from "@/app/viewer";
import { isItemId } from "@/billing/catalog";
import { Alert } from "@/components/ui/alert";
import { BUY_PARAMETER, useCheckout } from "./use-checkout";

/**
 * Goes on with the purchase that somebody chose before they had an account. The choice is taken out
 * of the address first, so that Back from Stripe's page does not lead there again.
 */
export function ResumePurchase() {
  const t = useTranslations("pricing.buy");
  const signedIn = useViewer()?.signedIn ?? false;
  const { pending, problem, buy } = useCheckout();
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
      <Alert tone="destructive" className="mb-8">
        {problem}
      </Alert>
    );
  }
  return pending ? <Alert className="mb-8">{t("pending")}</Alert> : null;
}
