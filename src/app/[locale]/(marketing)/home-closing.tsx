import { useTranslations } from "next-intl";
import { FEATURE_COSTS, PLANS, SIGN_UP_GIFT } from "@/catalog/catalog";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { useCreditsText } from "@/components/use-credits-text";

export function HomeClosing() {
  const t = useTranslations("marketing.closing");
  const credits = useCreditsText();
  const start = SIGN_UP_GIFT.credits + PLANS.free.creditsPerMonth;
  return (
    <section className="grid justify-items-start gap-4 border-t py-16 sm:py-24">
      <h2 className="font-heading text-3xl">
        {t("title", { readings: Math.floor(start / FEATURE_COSTS["bazi-reading"]) })}
      </h2>
      <p className="max-w-[38em] text-muted-foreground">
        {t("text", {
          gift: credits(SIGN_UP_GIFT.credits),
          giftDays: SIGN_UP_GIFT.expireDays,
          monthly: credits(PLANS.free.creditsPerMonth),
        })}
      </p>
      <PlainLinkButton href="/sign-up" size="lg" className="mt-2">
        {t("action")}
      </PlainLinkButton>
    </section>
  );
}
