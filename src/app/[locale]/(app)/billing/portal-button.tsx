"use client";

import { type ReactNode, useState } from "react";
import { useResetOnReturn } from "@/app/purchase/checkout";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { openPortal } from "./actions";

/** Opens Stripe's customer portal: cards, invoices, plan switches and cancellation. */
export function PortalButton({ children }: { children: ReactNode }) {
  const { run, showFailure } = useServerAction();
  const [pending, setPending] = useState(false);
  useResetOnReturn(() => setPending(false));
  const open = async () => {
    setPending(true);
    const { data, failure } = await run((renderedFor) => openPortal(renderedFor, undefined));
    if (data) return window.location.assign(data.url);
    setPending(false);
    if (failure) showFailure(failure);
  };
  return (
    <Button pending={pending} onClick={() => void open()}>
      {children}
    </Button>
  );
}
