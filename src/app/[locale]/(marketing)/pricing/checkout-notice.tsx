"use client";

import { useSearchParams } from "next/navigation";
import { type ReactNode, Suspense } from "react";

/** Shows what the server wrote to whoever comes back from the checkout without paying. */
export function CheckoutNotice({ children }: { children: ReactNode }) {
  return (
    <Suspense>
      <IfCancelled>{children}</IfCancelled>
    </Suspense>
  );
}

function IfCancelled({ children }: { children: ReactNode }) {
  return useSearchParams().get("checkout") === "cancelled" ? children : null;
}
