"use client";

import { useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";
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
  const [checkout] = useQueryState("checkout", parseAsStringLiteral(["cancelled"]));
  return checkout === null ? null : <Alert className="mb-8">{t("checkoutCancelled")}</Alert>;
}
