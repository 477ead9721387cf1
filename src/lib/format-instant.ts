import { FORMAT_LOCALES } from "./format-locale";
import type { Locale } from "./locales";

export type InstantStyle = "date" | "date-time" | "month" | "short-month" | "year" | "exact";

const STYLES: Record<InstantStyle, Intl.DateTimeFormatOptions> = {
  date: { year: "numeric", month: "short", day: "numeric" },
  "date-time": {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  },
  month: { year: "numeric", month: "long" },
  "short-month": { month: "short" },
  year: { year: "numeric" },
  exact: {
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "longOffset",
  },
};

/** An instant as a person reads it in an IANA time zone. An unknown zone falls back to UTC. */
export function formatInstant(
  instant: Date,
  options: { locale: Locale; timeZone: string; style: InstantStyle },
): string {
  const format = (timeZone: string) =>
    new Intl.DateTimeFormat(FORMAT_LOCALES[options.locale], { ...STYLES[options.style], timeZone });
  try {
    return format(options.timeZone).format(instant);
  } catch (error) {
    if (error instanceof RangeError && !Number.isNaN(instant.getTime())) {
      return format("UTC").format(instant);
    }
    throw error;
  }
}
