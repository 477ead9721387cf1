"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { useViewer } from "@/app/viewer";
import { CURRENCY, PLANS, type PlanId } from "@/credits/catalog";
import { formatMoney } from "@/lib/format-money";
import { IntervalSwitch } from "./interval-switch";
import { PlanCard } from "./plan-card";

const savingCents = PLANS["pro-monthly"].priceCents * 12 - PLANS["pro-yearly"].priceCents;

/** The plans side by side, Pro by the month or by the year, the visitor's own one marked. */
export function PlanTable() {
  const t = useTranslations("pricing");
  const locale = useLocale();
  const currentPlan = useViewer()?.planId ?? null;
  const [chosen, choose] = useState<"pro-monthly" | "pro-yearly" | null>(null);
  const pro = chosen ?? (currentPlan === "pro-yearly" ? "pro-yearly" : "pro-monthly");
  const shown: readonly PlanId[] = ["free", pro, "lifetime"];
  return (
    <section aria-labelledby="plans">
      <div className="mb-6 flex flex-wrap items-center justify-between gap-4">
        <h2 id="plans" className="font-heading text-2xl">
          {t("plans")}
        </h2>
        <IntervalSwitch
          value={pro}
          onValueChange={choose}
          saving={t("interval.saving", { amount: formatMoney(savingCents, CURRENCY, locale) })}
        />
      </div>
      <div className="grid gap-4 lg:grid-cols-3">
        {shown.map((planId) => (
          <PlanCard key={planId} plan={PLANS[planId]} currentPlan={currentPlan} />
        ))}
      </div>
    </section>
  );
}
