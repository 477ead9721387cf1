import { useTranslations } from "next-intl";
import { FEATURE_COSTS, PLANS, SIGN_UP_GIFT } from "@/catalog/catalog";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { useCreditsText } from "@/components/use-credits-text";
import { SpecimenChart } from "./specimen-chart";

export function HomeHero() {
  const t = useTranslations("marketing.hero");
  const credits = useCreditsText();
  return (
    <section className="grid items-center gap-12 py-14 sm:py-20 lg:grid-cols-[1fr_minmax(0,30rem)] lg:gap-16">
      <div className="grid justify-items-start gap-6">
        <h1 className="font-heading text-4xl sm:text-5xl lg:text-[3.5rem] lg:leading-[1.12]">
          {t("title")}
        </h1>
        <p className="max-w-[34em] text-lg text-muted-foreground">{t("text")}</p>
        <div className="flex flex-wrap gap-3">
          <PlainLinkButton href="/sign-up" variant="primary" size="lg">
            {t("action", { credits: credits(SIGN_UP_GIFT.credits + PLANS.free.creditsPerMonth) })}
          </PlainLinkButton>
          <PlainLinkButton href="/pricing" size="lg">
            {t("secondary")}
          </PlainLinkButton>
        </div>
        <p className="text-muted-foreground text-sm">
          {t("note", { cost: credits(FEATURE_COSTS["bazi-reading"]) })}
        </p>
      </div>
      <SpecimenChart />
    </section>
  );
}
