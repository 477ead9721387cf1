import { useLocale, useTranslations } from "next-intl";
import { buttonVariants } from "@/components/ui/button-variants";
import { cn } from "@/components/ui/cn";
import { LOCALES } from "@/lib/locales";
import { LanguageLink } from "./language-link";

/**
 * The same page in the other language. A plain link that loads the page anew, because `lang`, fonts
 * and all words change.
 */
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
