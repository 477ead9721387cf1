import { useLocale, useTranslations } from "next-intl";
import { buttonVariants } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { LOCALES } from "@/lib/locales";
import { LanguageLink } from "./language-link";

/** Links to the page in the other language. A full page load, since `lang` and fonts change too. */
export function LocaleSwitch() {
  const t = useTranslations("common");
  const locale = useLocale();
  return LOCALES.filter((other) => other !== locale).map((other) => (
    <LanguageLink
      key={other}
      locale={other}
      title={t("language")}
      className={cn(buttonVariants({ variant: "quiet", size: "sm" }), "min-h-10")}
    >
      {t(`languageNames.${other}`)}
    </LanguageLink>
  ));
}
