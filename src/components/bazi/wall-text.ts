import type { WallTime } from "@/bazi/wall-time";
import { formatInstant } from "@/lib/format-instant";
import type { Locale } from "@/lib/locales";

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
