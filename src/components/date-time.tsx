"use client";

import { useLocale, useTranslations } from "next-intl";
import { cn } from "@/components/ui/cn";
import { formatInstant } from "@/lib/formats";
import { timeZoneName } from "@/lib/time-zones";
import { useReaderZone } from "./reader-zone";

/**
 * An instant in the reader's zone (`useReaderZone`), with the exact instant there and in UTC on hover. Pass
 * `timeZone` when the zone belongs to the fact, such as a birth.
 */
export function DateTime({
  instant,
  kind = "date-time",
  timeZone,
  className,
}: {
  instant: Date | string;
  kind?: "date" | "date-time" | "month";
  timeZone?: string;
  className?: string;
}) {
  const t = useTranslations("common");
  const locale = useLocale();
  const readerZone = useReaderZone();
  const at = typeof instant === "string" ? new Date(instant) : instant;
  const zone = timeZone ?? readerZone;
  const exactIn = (timeZone: string) =>
    t("exactInstant", {
      instant: formatInstant(at, { locale, timeZone, style: "exact" }),
      zone: timeZoneName(timeZone, locale),
    });
  return (
    <time
      dateTime={at.toISOString()}
      title={[...new Set([zone, "UTC"])].map(exactIn).join("\n")}
      className={cn("whitespace-nowrap", className)}
      // Month names can differ between the ICU versions of the server and the browser.
      suppressHydrationWarning
    >
      {formatInstant(at, { locale, timeZone: zone, style: kind })}
    </time>
  );
}
