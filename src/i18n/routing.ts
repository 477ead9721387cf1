import { defineRouting } from "next-intl/routing";
import { DEFAULT_LOCALE, LOCALE_PREFIXES, LOCALES } from "@/lib/locales";

/** The languages and prefixes of `lib/locales`, for next-intl. */
export const routing = defineRouting({
  locales: LOCALES,
  defaultLocale: DEFAULT_LOCALE,
  // The proxy sets the header: next-intl would take the address from the Host header.
  alternateLinks: false,
  localePrefix: { mode: "as-needed", prefixes: { "zh-CN": LOCALE_PREFIXES["zh-CN"] } },
});
