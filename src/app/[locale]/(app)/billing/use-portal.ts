"use client";

import { useState } from "react";
import { useResetOnReturn } from "@/app/purchase/checkout";
import type { PortalFlow } from "@/billing/checkout/open-portal";
import { useServerAction } from "@/components/use-server-action";
import { openPortal } from "./actions";

/** Opens Stripe's portal or one of its flows. `pending` stays true until the browser leaves the page. */
export function usePortal(): { pending: boolean; open: (flow: PortalFlow) => Promise<void> } {
  const { run, showFailure } = useServerAction();
  const [pending, setPending] = useState(false);
  useResetOnReturn(() => setPending(false));
  const open = async (flow: PortalFlow) => {
    setPending(true);
    const { data, failure } = await run((renderedFor) => openPortal(renderedFor, flow));
    if (data) return window.location.assign(data.url);
    setPending(false);
    if (failure) showFailure(failure);
  };
  return { pending, open };
}
