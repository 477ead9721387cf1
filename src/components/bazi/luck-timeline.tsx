import { useLocale, useTranslations } from "next-intl";
import type { Chart } from "@/products/bazi/chart/chart";
import { cn } from "../ui/cn";
import { Character } from "./character";
import { monthText } from "./wall-text";

/** The ten luck pillars in order, the running one marked in words as well as by its frame. */
export function LuckTimeline({
  luck,
  currentPlace,
}: {
  luck: Chart["luck"];
  /** Which pillar runs, or null before the first and after the last. */
  currentPlace: number | null;
}) {
  const t = useTranslations("bazi");
  const locale = useLocale();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={t("reading.luckTitle")} tabIndex={0} className="overflow-x-auto pb-2">
      <ol className="flex gap-2">
        {luck.pillars.map(({ stem, branch, tenGod, startsOn, startAgeYears }, place) => (
          <li
            key={startsOn}
            aria-current={place === currentPlace ? "true" : undefined}
            className={cn(
              "grid w-24 shrink-0 justify-items-center gap-1 rounded-md border px-2 py-3 text-center",
              place === currentPlace && "border-foreground bg-muted/60",
            )}
          >
            <span className="text-muted-foreground text-xs">
              {t("reading.luckAge", { age: startAgeYears })}
              {place === currentPlace && (
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
