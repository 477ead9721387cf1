import { formatInstant } from "@/lib/format-instant";
import { FORMAT_LOCALES } from "@/lib/format-locale";
import type { Locale } from "@/lib/locales";
import type { WallTime } from "@/products/bazi/birth/wall-time";

/** A clock's reading as a person reads it. It has no zone; UTC only carries it through Intl. */
export function wallText(
  wall: WallTime,
  { locale, withTime }: { locale: Locale; withTime: boolean },
): string {
  const { year, month, day, hour, minute, second } = wall;
  const carried = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return formatInstant(carried, {
    locale,
    timeZone: "UTC",
    style: withTime ? "date-time" : "date",
  });
}

/** The month of an ISO date: `Nov 2014`, `2014年11月`. */
export function monthText(isoDate: string, locale: Locale): string {
  return new Intl.DateTimeFormat(FORMAT_LOCALES[locale], {
    year: "numeric",
    month: "short",
    timeZone: "UTC",
  }).format(new Date(isoDate));
}
