"use client";

import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { Suspense } from "react";
import { Alert } from "@/components/ui/alert";

/** Says what happened when somebody comes back from the checkout without paying. */
export function CheckoutNotice() {
  return (
    <Suspense>
      <Notice />
    </Suspense>
  );
}

function Notice() {
  const t = useTranslations("pricing");
  if (useSearchParams().get("checkout") !== "cancelled") return null;
  return <Alert className="mb-8">{t("checkoutCancelled")}</Alert>;
}
