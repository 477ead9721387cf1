import { DEFAULT_LOCALE, isLocale, type Locale } from "@/lib/locales";
import { isTimeZone } from "./input";
import { TIME_ZONE_COOKIE } from "./time-zone-cookie";

/** next-intl's: the language the person chose. */
const LOCALE_COOKIE = "NEXT_LOCALE";

/**
 * Language and time zone for somebody who comes from Google or GitHub, where no form of ours could
 * ask. A sign-up by e-mail names both itself, and what it names wins.
 */
export function preferencesFromCookies(headers: Headers | undefined): {
  locale: Locale;
  timeZone: string;
} {
  const cookies = parseCookies(headers?.get("cookie") ?? "");
  const locale = cookies.get(LOCALE_COOKIE);
  const timeZone = cookies.get(TIME_ZONE_COOKIE);
  return {
    locale: isLocale(locale) ? locale : DEFAULT_LOCALE,
    timeZone: timeZone !== undefined && isTimeZone(timeZone) ? timeZone : "UTC",
  };
}

function parseCookies(header: string): Map<string, string> {
  const pairs = header.split(";").map((part) => {
    const [name = "", ...value] = part.trim().split("=");
    return [name, decode(value.join("="))] as const;
  });
  return new Map(pairs);
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
