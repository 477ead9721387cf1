"use client";

import { usePathname } from "next/navigation";
import type { MouseEvent, ReactNode } from "react";
import { type Locale, localePath, pathWithoutLocale } from "@/lib/locales";

/**
 * To this page in a language. The path always names it (`/en/pricing`), so that the proxy remembers
 * the choice before it leads to the short address.
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
      onClick={keepQuery}
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

/** Filters and anchors live in the address; they are read when the link is used, not when drawn. */
function keepQuery(event: MouseEvent<HTMLAnchorElement>): void {
  const link = event.currentTarget;
  link.search = window.location.search;
  link.hash = window.location.hash;
}
