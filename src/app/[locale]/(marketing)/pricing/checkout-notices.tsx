"use client";
"use no memo";

import { useSearchParams } from "next/navigation";
import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";
import { shownCurrency } from "@/app/currency/shown-currency";
import { CheckoutProblem, type CheckoutTexts, useCheckout } from "@/app/purchase/checkout";

/** Shows its server-rendered content after a cancelled checkout. */
export function IfCheckoutCancelled({ children }: { children: ReactNode }) {
  return (
    <Suspense>
      <IfCancelled>{children}</IfCancelled>
    </Suspense>
  );
}

function IfCancelled({ children }: { children: ReactNode }) {
  return useSearchParams().get("checkout") === "cancelled" ? children : null;
}

/**
 * Resumes the purchase that a visitor chose before signing up. Removes the choice from the URL first,
 * so that Back from Stripe's page does not start another checkout.
 */
export function ResumePurchase({
  currencies,
  texts,
  pendingNotice,
}: {
  currencies: readonly string[];
  texts: CheckoutTexts;
  pendingNotice: ReactNode;
}) {
  const signedIn = useViewer()?.signedIn ?? false;
  const { pending, problem, buy, dialog } = useCheckout(texts);
  const resumed = useRef(false);
  useEffect(() => {
    if (!signedIn || resumed.current) return;
    const url = new URL(window.location.href);
    const item = url.searchParams.get("buy");
    if (item === null) return;
    resumed.current = true;
    url.searchParams.delete("buy");
    window.history.replaceState(window.history.state, "", url);
    void buy({ item, currency: shownCurrency(currencies, document.documentElement) });
  }, [signedIn, buy, currencies]);
  if (problem !== null) {
    return (
      <p
        role="alert"
        className="mb-8 rounded-lg border border-destructive/40 bg-card p-4 text-muted-foreground text-sm"
      >
        <CheckoutProblem problem={problem} texts={texts} />
      </p>
    );
  }
  if (dialog !== null && dialog !== false) return dialog;
  return pending ? pendingNotice : null;
}
