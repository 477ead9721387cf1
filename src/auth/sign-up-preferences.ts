import { type Locale, localeOf } from "@/lib/locales";
import { canonicalTimeZone } from "@/lib/time-zones";
import { TIME_ZONE_COOKIE } from "./client";

/** next-intl stores the selected language in it. */
const LOCALE_COOKIE = "NEXT_LOCALE";

/**
 * Reads the language and time zone of a user who signs up with Google or GitHub, where no form of
 * ours collects them. The fields of a sign-up by email take precedence.
 */
export function preferencesFromCookies(headers: Headers | undefined): {
  locale: Locale;
  timeZone: string;
} {
  const cookies = parseCookies(headers?.get("cookie") ?? "");
  const locale = cookies.get(LOCALE_COOKIE);
  const timeZone = cookies.get(TIME_ZONE_COOKIE);
  return {
    locale: localeOf(locale),
    timeZone: canonicalTimeZone(timeZone ?? "") ?? "UTC",
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
