import { useLocale, useTranslations } from "next-intl";
import { CURRENCY, PACKS, PLANS } from "@/catalog/catalog";
import { Money } from "@/components/money";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { useCreditsText } from "@/components/use-credits-text";
import { formatMoney } from "@/lib/format-money";

export function HomePlans() {
  const t = useTranslations("marketing.plans");
  const locale = useLocale();
  const credits = useCreditsText();
  const price = (cents: number) => formatMoney(cents, CURRENCY, locale);
  const plans = [
    { key: "free", plan: PLANS.free, per: t("perMonth") },
    {
      key: "pro",
      plan: PLANS["pro-monthly"],
      per: t("perMonthOrYear", { price: price(PLANS["pro-yearly"].priceCents) }),
    },
    { key: "lifetime", plan: PLANS.lifetime, per: t("once") },
  ] as const;
  return (
    <section className="border-t py-16 sm:py-20">
      <h2 className="font-heading text-3xl">{t("title")}</h2>
      <p className="mt-3 max-w-[38em] text-muted-foreground">{t("text")}</p>
      <div className="mt-10 grid divide-y rounded-lg border bg-card shadow-sheet sm:grid-cols-3 sm:divide-x sm:divide-y-0">
        {plans.map(({ key, plan, per }) => (
          <div key={key} className="grid content-start gap-2 p-6">
            <h3 className="font-medium">{t(`${key}.title`)}</h3>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <Money
                amountCents={plan.priceCents}
                currency={CURRENCY}
                className="font-medium text-2xl tracking-tight"
              />
              <span className="text-muted-foreground text-sm">{per}</span>
            </p>
            <p className="text-muted-foreground text-sm">
              {t(`${key}.text`, { credits: credits(plan.creditsPerMonth) })}
            </p>
          </div>
        ))}
      </div>
      <p className="mt-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 text-muted-foreground text-sm">
        {t("packs", {
          price: price(PACKS.basic.priceCents),
          credits: credits(PACKS.basic.credits),
        })}
        <PlainLinkButton href="/pricing" variant="link">
          {t("all")}
        </PlainLinkButton>
      </p>
    </section>
  );
}
