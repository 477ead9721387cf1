import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import {
  ALLOTMENT_GRACE_HOURS,
  DAILY_SIGN_IN,
  FEATURE_COSTS,
  HOLD_MINUTES,
  PACKS,
  SIGN_UP_GIFT,
} from "@/catalog/catalog";
import { useCreditsText } from "@/components/use-credits-text";
import { REMIND_BEFORE_DAYS } from "@/notifications/notice";

const QUESTIONS = [
  "credit",
  "expire",
  "order",
  "fail",
  "cancel",
  "switch",
  "refund",
  "both",
  "delete",
] as const;

/** Uses `details` elements, which work without scripts and are found by the browser's search. */
export function Faq() {
  const t = useTranslations("pricing.faq");
  const credits = useCreditsText();
  const figures = {
    cost: credits(FEATURE_COSTS["bazi-reading"]),
    graceHours: ALLOTMENT_GRACE_HOURS,
    packDays: PACKS.basic.expireDays ?? 0,
    giftDays: SIGN_UP_GIFT.expireDays,
    signInDays: DAILY_SIGN_IN.expireDays,
    remindDays: REMIND_BEFORE_DAYS,
    holdMinutes: HOLD_MINUTES,
  };
  return (
    <section aria-labelledby="faq" className="pt-16 sm:pt-20">
      <h2 id="faq" className="scroll-mt-20 font-heading text-2xl">
        {t("title")}
      </h2>
      <div className="mt-6 max-w-3xl border-t">
        {QUESTIONS.map((question) => (
          <details key={question} className="group border-b">
            <summary className="flex list-none items-center justify-between gap-4 py-4 font-medium [&::-webkit-details-marker]:hidden">
              {t(`items.${question}.q`)}
              <ChevronDown
                aria-hidden="true"
                className="size-4 shrink-0 text-muted-foreground transition-transform group-open:rotate-180 motion-reduce:transition-none"
              />
            </summary>
            <p className="max-w-[42em] pb-5 text-muted-foreground">
              {t(`items.${question}.a`, figures)}
            </p>
          </details>
        ))}
      </div>
    </section>
  );
}
