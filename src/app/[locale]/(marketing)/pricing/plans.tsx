import { Check } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { BuyButton } from "@/app/purchase/checkout";
import { useCheckoutTexts } from "@/app/purchase/checkout-texts";
import {
  ALLOTMENT_GRACE_HOURS,
  CURRENCY,
  FEATURE_COSTS,
  PLANS,
  type Plan,
  type PlanId,
  SIGN_UP_GIFT,
} from "@/catalog/catalog";
import { Credits } from "@/components/credits";
import { Money } from "@/components/money";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/components/ui/cn";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { useCreditsText } from "@/components/use-credits-text";
import { formatMoney } from "@/lib/formats";
import { IfCurrentPlan, PlanAction, PlanChoice } from "./plan-choice";

const savingCents = PLANS["pro-monthly"].priceCents * 12 - PLANS["pro-yearly"].priceCents;
const PER = { month: "month", year: "year", once: "once" } as const;

/** The plans of the catalogue, and the saving of a year over twelve months. */
export function Plans() {
  const t = useTranslations("pricing");
  const saving = formatMoney(savingCents, CURRENCY, useLocale());
  return (
    <PlanChoice
      heading={
        <h2 id="plans" className="font-heading text-2xl">
          {t("plans")}
        </h2>
      }
      texts={{
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

function PlanCard({ plan }: { plan: Plan }) {
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
        <IfCurrentPlan planId={plan.id}>
          <Badge tone="strong">{t("current")}</Badge>
        </IfCurrentPlan>
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
      <PlanAction
        planId={plan.id}
        buy={<BuyPlan planId={plan.id} />}
        manage={<PlainLinkButton href="/billing">{t("manage")}</PlainLinkButton>}
        inside={<PlainLinkButton href="/dashboard">{t("goToDashboard")}</PlainLinkButton>}
      />
    </article>
  );
}

function BuyPlan({ planId }: { planId: PlanId }) {
  const t = useTranslations("pricing.buy");
  const texts = useCheckoutTexts();
  if (planId === "free") {
    return <PlainLinkButton href="/sign-up">{t("free")}</PlainLinkButton>;
  }
  return planId === "lifetime" ? (
    <BuyButton item="lifetime" texts={texts}>
      {t("lifetime")}
    </BuyButton>
  ) : (
    <BuyButton item={planId} texts={texts} variant="primary">
      {t("pro")}
    </BuyButton>
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
