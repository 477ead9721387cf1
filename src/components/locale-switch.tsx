"use client";

import { usePathname } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import type { MouseEvent } from "react";
import { buttonVariants } from "@/components/ui/button-variants";
import { cn } from "@/components/ui/cn";
import { LOCALES, type Locale, localePath, pathWithoutLocale } from "@/lib/locales";

/**
 * The same page in the other language. A plain link that loads the page anew, because `lang`, fonts
 * and all words change. It always names the language in the path (`/en/pricing`), so that the proxy
 * remembers the choice before it leads to the short address.
 */
export function LocaleSwitch({ className }: { className?: string }) {
  const t = useTranslations("common");
  const locale = useLocale();
  const path = pathWithoutLocale(usePathname());
  const others = LOCALES.filter((other) => other !== locale);
  return others.map((other) => (
    <a
      key={other}
      href={prefixedPath(other, path)}
      hrefLang={other}
      lang={other}
      title={t("language")}
      onClick={keepQuery}
      className={cn(buttonVariants({ variant: "quiet" }), "px-2.5", className)}
    >
      {t(`languageNames.${other}`)}
    </a>
  ));
}

function prefixedPath(locale: Locale, path: string): string {
  const localised = localePath(locale, path);
  return localised === path ? `/${locale}${path === "/" ? "" : path}` : localised;
}

/** Filters and anchors live in the address; they are read when the link is used, not when drawn. */
function keepQuery(event: MouseEvent<HTMLAnchorElement>): void {
  const link = event.currentTarget;
  link.search = window.location.search;
  link.hash = window.location.hash;
}
