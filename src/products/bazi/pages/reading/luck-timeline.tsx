import { useLocale, useTranslations } from "next-intl";
import { cn } from "@/components/ui/cn";
import { FORMAT_LOCALES } from "@/lib/formats";
import type { Locale } from "@/lib/locales";
import type { Chart } from "../../chart/chart";
import { Character } from "./character";

/** The ten luck pillars in order. The current one is marked by text and by its border. */
export function LuckTimeline({
  luck,
  currentIndex,
}: {
  luck: Chart["luck"];
  /** Index of the current pillar; null before the first and after the last. */
  currentIndex: number | null;
}) {
  const t = useTranslations("bazi");
  const locale = useLocale();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
    <section aria-label={t("reading.luckTitle")} tabIndex={0} className="overflow-x-auto pb-2">
      <ol className="flex gap-2">
        {luck.pillars.map(({ stem, branch, tenGod, startsOn, startAgeYears }, index) => (
          <li
            key={startsOn}
            aria-current={index === currentIndex ? "true" : undefined}
            className={cn(
              "grid w-24 shrink-0 justify-items-center gap-1 rounded-md border px-2 py-3 text-center",
              index === currentIndex && "border-foreground bg-muted/60",
            )}
          >
            <span className="text-muted-foreground text-xs">
              {t("reading.luckAge", { age: startAgeYears })}
              {index === currentIndex && (
                <span className="font-medium text-foreground"> · {t("reading.luckNow")}</span>
              )}
            </span>
            <Character size="sm" sign={t(`stems.${stem}.sign`)} gloss={t(`stems.${stem}.sound`)} />
            <Character
              size="sm"
              sign={t(`branches.${branch}.sign`)}
              gloss={t(`branches.${branch}.sound`)}
            />
            <span className="text-xs leading-tight">{t(`tenGods.${tenGod}`)}</span>
            <time dateTime={startsOn} className="text-muted-foreground text-xs">
              {monthText(startsOn, locale)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The month of an ISO date: `Nov 2014`, `2014年11月`. */
function monthText(isoDate: string, locale: Locale): string {
  return new Intl.DateTimeFormat(FORMAT_LOCALES[locale], {
    year: "numeric",
    month: "short",
    timeZone: "UTC",
  }).format(new Date(isoDate));
}
