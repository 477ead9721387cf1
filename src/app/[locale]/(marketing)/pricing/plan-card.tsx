"use client";

import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { Credits } from "@/components/credits";
import { Money } from "@/components/money";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/components/ui/cn";
import { useCreditsText } from "@/components/use-credits-text";
import {
  ALLOTMENT_GRACE_HOURS,
  CURRENCY,
  FEATURE_COSTS,
  type Plan,
  type PlanId,
  SIGN_UP_GIFT,
} from "@/credits/catalog";
import { PlanAction } from "./plan-action";

const PER = { month: "month", year: "year", once: "once" } as const;

/** One plan: what it costs, what it brings each month, what to know before buying it. */
export function PlanCard({ plan, currentPlan }: { plan: Plan; currentPlan: PlanId | null }) {
  const t = useTranslations("pricing");
  const isPro = plan.interval === "month" || plan.interval === "year";
  return (
    <article
      className={cn(
        "grid content-start gap-5 rounded-lg border bg-card p-6 shadow-sheet",
        isPro && "border-foreground/70",
      )}
    >
      <header className="flex min-h-6 items-center justify-between gap-2">
        <h3 className="font-medium">{isPro ? t("names.pro") : t(`names.${plan.id}`)}</h3>
        {currentPlan === plan.id && <Badge tone="strong">{t("current")}</Badge>}
      </header>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <Money
          amountCents={plan.priceCents}
          currency={CURRENCY}
          className="font-medium text-4xl tracking-tight"
        />
        <span className="text-muted-foreground text-sm">
          {t(`per.${plan.interval === null ? "free" : PER[plan.interval]}`)}
        </span>
      </p>
      <p className="border-y py-3">
        <span className="font-medium">
          {t.rich("creditsPerMonth", {
            amount: () => <Credits amount={plan.creditsPerMonth} />,
          })}
        </span>
        <span className="block text-muted-foreground text-sm">
          {t("readingsPerMonth", {
            readings: Math.floor(plan.creditsPerMonth / FEATURE_COSTS["bazi-reading"]),
          })}
        </span>
      </p>
      <PlanPoints planId={plan.id} />
      <PlanAction planId={plan.id} currentPlan={currentPlan} />
    </article>
  );
}

function PlanPoints({ planId }: { planId: PlanId }) {
  const t = useTranslations("pricing.points");
  const credits = useCreditsText();
  const figures = {
    graceHours: ALLOTMENT_GRACE_HOURS,
    gift: credits(SIGN_UP_GIFT.credits),
    giftDays: SIGN_UP_GIFT.expireDays,
  };
  const points =
    planId === "free"
      ? [t("free.allotment", figures), t("free.gift", figures), t("free.card")]
      : [t(`${planId}.allotment`, figures), t(`${planId}.cancel`), t(`${planId}.packs`)];
  return (
    <ul className="grid content-start gap-2.5 text-sm lg:min-h-36">
      {points.map((point) => (
        <li key={point} className="flex gap-2.5">
          <Check aria-hidden="true" className="mt-1 size-3.5 shrink-0 text-muted-foreground" />
          {point}
        </li>
      ))}
    </ul>
  );
}
