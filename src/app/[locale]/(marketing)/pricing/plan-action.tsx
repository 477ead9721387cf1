"use client";

import { useTranslations } from "next-intl";
import { BuyButton } from "@/app/purchase/buy-button";
import { useViewer } from "@/app/viewer";
import { LinkButton } from "@/components/ui/link-button";
import type { PlanId } from "@/credits/catalog";

/** What can be done about a plan, given the one the visitor has. */
export function PlanAction({
  planId,
  currentPlan,
}: {
  planId: PlanId;
  currentPlan: PlanId | null;
}) {
  const t = useTranslations("pricing");
  const signedIn = useViewer()?.signedIn ?? false;
  if (planId === "free") {
    return signedIn ? (
      <LinkButton href="/dashboard">{t("goToDashboard")}</LinkButton>
    ) : (
      <LinkButton href="/sign-up" prefetch={false}>
        {t("buy.free")}
      </LinkButton>
    );
  }
  const subscribed = currentPlan === "pro-monthly" || currentPlan === "pro-yearly";
  if (currentPlan === planId || (subscribed && planId !== "lifetime")) {
    return <LinkButton href="/billing">{t("manage")}</LinkButton>;
  }
  return planId === "lifetime" ? (
    <BuyButton item="lifetime">{t("buy.lifetime")}</BuyButton>
  ) : (
    <BuyButton item={planId} variant="primary">
      {t("buy.pro")}
    </BuyButton>
  );
}
