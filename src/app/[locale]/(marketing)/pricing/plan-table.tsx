import { useLocale, useTranslations } from "next-intl";
import { CURRENCY, PLANS } from "@/catalog/catalog";
import { formatMoney } from "@/lib/format-money";
import { PlanCard } from "./plan-card";
import { PlanChoice } from "./plan-choice";

const savingCents = PLANS["pro-monthly"].priceCents * 12 - PLANS["pro-yearly"].priceCents;

/** The plans with the catalogue's figures, and what a year saves over twelve months. */
export function PlanTable() {
  const t = useTranslations("pricing");
  const saving = formatMoney(savingCents, CURRENCY, useLocale());
  return (
    <PlanChoice
      heading={
        <h2 id="plans" className="font-heading text-2xl">
          {t("plans")}
        </h2>
      }
      words={{
        label: t("interval.label"),
        month: t("interval.month"),
        year: t("interval.year"),
        saving: t("interval.saving", { amount: saving }),
      }}
      free={<PlanCard plan={PLANS.free} />}
      pro={{
        "pro-monthly": <PlanCard key="pro-monthly" plan={PLANS["pro-monthly"]} />,
        "pro-yearly": <PlanCard key="pro-yearly" plan={PLANS["pro-yearly"]} />,
      }}
      lifetime={<PlanCard plan={PLANS.lifetime} />}
    />
  );
}
