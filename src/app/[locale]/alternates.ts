import type { Metadata } from "next";
import { LOCALES, type Locale, localePath } from "@/lib/locales";

/** The page's own address and the same page in the other language, for search engines. */
export function alternates(locale: Locale, path: string): NonNullable<Metadata["alternates"]> {
  const languages = Object.fromEntries(LOCALES.map((other) => [other, localePath(other, path)]));
  return {
    canonical: localePath(locale, path),
    languages: { ...languages, "x-default": path },
  };
}
