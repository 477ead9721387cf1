"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { toast } from "sonner";
import { openPortal } from "@/app/actions/open-portal";
import { useResetOnReturn } from "@/app/purchase/use-reset-on-return";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/components/use-error-text";

/** Leads to Stripe's page for cards, invoices, switching and cancelling. */
export function PortalButton({ children }: { children: ReactNode }) {
  const t = useTranslations("errors");
  const errorText = useErrorText();
  const [pending, setPending] = useState(false);
  useResetOnReturn(() => setPending(false));
  const open = async () => {
    setPending(true);
    const answer = await openPortal().catch(() => null);
    if (answer?.data) return window.location.assign(answer.data.url);
    setPending(false);
    toast.error(answer?.serverError ? errorText(answer.serverError) : t("offline"));
  };
  return (
    <Button pending={pending} onClick={() => void open()}>
      {children}
    </Button>
  );
}
