"use client";

import type { ReactNode } from "react";
import type { PortalFlow } from "@/billing/checkout/open-portal";
import { Button, type ButtonVariants } from "@/components/ui/button";
import { usePortal } from "./use-portal";

/** Opens Stripe's customer portal, or the one flow of it that the button names. */
export function PortalButton({
  flow = { flow: "all" },
  children,
  ...variants
}: { flow?: PortalFlow; children: ReactNode } & ButtonVariants) {
  const { pending, open } = usePortal();
  return (
    <Button {...variants} pending={pending} onClick={() => void open(flow)}>
      {children}
    </Button>
  );
}
