"use client";

import { useLocale, useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { cn } from "@/components/ui/cn";
import { formatInstant } from "@/lib/format-instant";

const neverChanges = () => () => {};
const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const serverZone = () => "UTC";

/**
 * An instant in the reader's time zone, the exact one on hover. The server writes UTC; the browser
 * takes over with its own zone right after hydration, which `useSyncExternalStore` does without a
 * mismatch. Give `timeZone` where a zone is a matter of fact (a birth, a day of sign-in).
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
  const readerZone = useSyncExternalStore(neverChanges, browserZone, serverZone);
  const at = typeof instant === "string" ? new Date(instant) : instant;
  const zone = timeZone ?? readerZone;
  const exact = formatInstant(at, { locale, timeZone: zone, style: "exact" });
  return (
    <time
      dateTime={at.toISOString()}
      title={t("exactInstant", { instant: exact, zone })}
      className={cn("whitespace-nowrap", className)}
      // Month names may differ between the server's and the browser's version of Unicode's data.
      suppressHydrationWarning
    >
      {formatInstant(at, { locale, timeZone: zone, style: kind })}
    </time>
  );
}
