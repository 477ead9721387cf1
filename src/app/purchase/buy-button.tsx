"use client";

import type { ReactNode } from "react";
import type { ItemId } from "@/billing/catalog";
import { Button } from "@/components/ui/button";
import { type CheckoutWords, useCheckout } from "./use-checkout";

/** Buys one item: leads to Stripe's payment page. The price is the server's, whatever is shown here. */
export function BuyButton({
  item,
  words,
  label,
  variant,
  size,
  children,
}: {
  item: ItemId;
  words: CheckoutWords;
  /** Says to a screen reader what is bought, where the words on the button alone don't. */
  label?: string;
  variant?: "primary" | "secondary";
  size?: "sm" | "md";
  children: ReactNode;
}) {
  const { pending, problem, buy } = useCheckout(words);
  return (
    <>
      <Button
        variant={variant}
        size={size}
        aria-label={label}
        pending={pending}
        onClick={() => void buy(item)}
      >
        {children}
      </Button>
      {problem !== null && (
        <span role="alert" className="mt-2 block whitespace-normal text-destructive text-xs">
          {problem}
        </span>
      )}
    </>
  );
}
