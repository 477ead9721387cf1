import type { useTranslations } from "next-intl";
import type { Locale } from "@/lib/locales";
import { isListed } from "./birth/places";
import { cityName } from "./gazetteer/describe-city";

/** The name of a place in the reader's language, or null if there is no such place. */
export function placeText(
  id: string,
  { locale, t }: { locale: Locale; t: ReturnType<typeof useTranslations<"bazi">> },
): string | null {
  return isListed(id) ? t(`places.${id}`) : cityName(id, locale);
}
