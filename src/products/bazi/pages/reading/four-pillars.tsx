import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import type { Chart, Pillar } from "../../chart/chart";
import type { PillarPosition } from "../../chart/pillars";
import { Character } from "./character";

const POSITIONS: readonly PillarPosition[] = ["year", "month", "day", "hour"];
const rowLabel =
  "w-[16%] pe-2 text-start align-middle font-normal text-muted-foreground text-xs sm:pe-4";

/** The four pillars as a table with one column per pillar. */
export function FourPillars({ chart, name }: { chart: Chart; name: string }) {
  const t = useTranslations("bazi");
  const english = useLocale() === "en";
  const gloss = (sound: string, meaning: string) => (english ? `${sound} · ${meaning}` : sound);
  const rows: readonly { key: string; label: string; cell: (pillar: Pillar) => ReactNode }[] = [
    {
      key: "god",
      label: t("reading.rowTenGod"),
      cell: ({ tenGod }) => (
        <span className={tenGod === null ? "font-medium" : undefined}>
          {tenGod === null ? t("reading.dayMaster") : t(`tenGods.${tenGod}`)}
        </span>
      ),
    },
    {
      key: "stem",
      label: t("reading.rowStem"),
      cell: ({ stem }) => (
        <Character
          sign={t(`stems.${stem}.sign`)}
          gloss={gloss(t(`stems.${stem}.sound`), t(`stems.${stem}.nature`))}
        />
      ),
    },
    {
      key: "branch",
      label: t("reading.rowBranch"),
      cell: ({ branch }) => (
        <Character
          sign={t(`branches.${branch}.sign`)}
          gloss={gloss(t(`branches.${branch}.sound`), t(`branches.${branch}.animal`))}
        />
      ),
    },
    { key: "hidden", label: t("reading.rowHidden"), cell: (pillar) => <Hidden pillar={pillar} /> },
    {
      key: "stage",
      label: t("reading.rowStage"),
      cell: ({ lifeStage }) => t(`lifeStages.${lifeStage}`),
    },
    {
      key: "nayin",
      label: t("reading.rowNayin"),
      cell: ({ nayin }) => t("nayin", { index: String(nayin) }),
    },
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
    <section aria-label={t("reading.pillarsTitle")} tabIndex={0} className="overflow-x-auto">
      <table className="w-full min-w-[19rem] table-fixed border-collapse text-xs sm:text-sm">
        <caption className="sr-only">{t("reading.pillarsCaption", { name })}</caption>
        <thead>
          <tr className="border-foreground/70 border-b">
            <td className="w-[16%]" />
            {POSITIONS.map((position) => (
              <th
                key={position}
                scope="col"
                className="h-9 px-1 font-normal text-muted-foreground text-xs"
              >
                {t(`positions.${position}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, label, cell }) => (
            <tr key={key} className="border-b last:border-0">
              <th scope="row" className={rowLabel}>
                {label}
              </th>
              {POSITIONS.map((position) => {
                const pillar = chart.pillars[position];
                return (
                  <td
                    key={position}
                    className={`px-1 py-2.5 text-center align-middle ${position === "day" ? "bg-muted/60" : ""}`}
                  >
                    {pillar === null ? (
                      <span className="text-muted-foreground">{t("reading.unknown")}</span>
                    ) : (
                      cell(pillar)
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The hidden stems, main stem first, each with its ten god. */
function Hidden({ pillar }: { pillar: Pillar }) {
  const t = useTranslations("bazi");
  // On a phone, an English ten god takes two lines, so its stem gets a separate line.
  const english = useLocale() === "en";
  return (
    <ul className="grid gap-0.5">
      {pillar.hidden.map(({ stem, weightPercent, tenGod }) => (
        <li key={stem} title={`${weightPercent}%`} className="leading-snug">
          <span lang="zh-CN" className={cn("font-seal text-base", english && "max-sm:block")}>
            {t(`stems.${stem}.sign`)}
          </span>{" "}
          <span className="text-muted-foreground text-xs">{t(`tenGods.${tenGod}`)}</span>
        </li>
      ))}
    </ul>
  );
}
