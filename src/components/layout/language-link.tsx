"use client";
"use no memo";

import { usePathname } from "next/navigation";
import type { MouseEvent, ReactNode } from "react";
import { type Locale, localePath, pathWithoutLocale } from "@/lib/locales";

/**
 * Links to the current page in another language. The path always contains the locale
 * (`/en/pricing`): the proxy stores the choice before it redirects to the short path. The account of a
 * signed-in user stores it too. Forms with a draft keep what was typed.
 */
export function LanguageLink({
  locale,
  title,
  className,
  children,
}: {
  locale: Locale;
  title: string;
  className: string;
  children: ReactNode;
}) {
  const path = pathWithoutLocale(usePathname());
  return (
    <a
      href={prefixedPath(locale, path)}
      hrefLang={locale}
      lang={locale}
      title={title}
      onClick={(event) => {
        keepQuery(event);
        navigator.sendBeacon?.("/api/language", JSON.stringify({ locale }));
      }}
      className={className}
    >
      {children}
    </a>
  );
}

function prefixedPath(locale: Locale, path: string): string {
  const localised = localePath(locale, path);
  return localised === path ? `/${locale}${path === "/" ? "" : path}` : localised;
}

/** Keeps filters and anchors. They are read on click because they change without a render. */
function keepQuery(event: MouseEvent<HTMLAnchorElement>): void {
  const link = event.currentTarget;
  link.search = window.location.search;
  link.hash = window.location.hash;
}
