import type { Metadata } from "next";
import { LOCALES, type Locale, localePath } from "@/lib/locales";

/** Returns the canonical URL of a page and its URL in each language, for search engines. */
export function alternates(locale: Locale, path: string): NonNullable<Metadata["alternates"]> {
  const languages = Object.fromEntries(LOCALES.map((other) => [other, localePath(other, path)]));
  return {
    canonical: localePath(locale, path),
    languages: { ...languages, "x-default": path },
  };
}
