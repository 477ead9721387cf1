import { useLocale, useTranslations } from "next-intl";
import { usePackValidity } from "@/app/purchase/use-pack-validity";
import { catalog } from "@/catalog/catalog";
import { getFeature, graceHoursOfAll, ITEMS, itemName } from "@/catalog/items";
import { StaticIcon } from "@/components/ui/static-icon";
import { REMIND_BEFORE_DAYS } from "@/notifications/notice";
import { product } from "@/product/current";

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
  const locale = useLocale();
  const lifetime = ITEMS.filter(({ kind }) => kind === "lifetime");
  const hasSubscriptions = ITEMS.some(({ kind }) => kind === "subscription");
  const questions = QUESTIONS.filter(
    (question) => question !== "both" || (hasSubscriptions && lifetime.length > 0),
  );
  const figures = {
    graceHours: graceHoursOfAll(),
    packValidity: usePackValidity(),
    giftDays: catalog.signUpGift.expireDays,
    signInDays: catalog.dailySignIn.expireDays,
    remindDays: REMIND_BEFORE_DAYS,
    holdMinutes: getFeature(product.feature).holdMinutes,
    lifetime: lifetime.map(({ id }) => itemName(id, locale)).join(", "),
  };
  return (
    <section aria-labelledby="faq" className="pt-16 sm:pt-20">
      <h2 id="faq" className="scroll-mt-20 font-heading text-2xl">
        {t("title")}
      </h2>
      <div className="mt-6 max-w-3xl border-t">
        {questions.map((question) => (
          <details key={question} className="group border-b">
            <summary className="flex list-none items-center justify-between gap-4 py-4 font-medium [&::-webkit-details-marker]:hidden">
              {t(`items.${question}.q`, figures)}
              <StaticIcon
                name="chevron-down"
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
