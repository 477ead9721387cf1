import { useLocale, useTranslations } from "next-intl";
import { Alert } from "@/components/ui/alert";
import { Card, CardHeader } from "@/components/ui/card";
import type { Chart } from "../../chart/chart";
import { interactionsOf } from "../../chart/interactions";
import { luckNowOf } from "../../chart/luck-pillars";
import { BirthFacts } from "./birth-facts";
import { ElementBalance } from "./element-balance";
import { FourPillars } from "./four-pillars";
import { LuckTimeline } from "./luck-timeline";

/** The computed chart: pillars, elements, birth, notes, and the luck pillars as of `now`. */
export function ChartSheet({ chart, name, now }: { chart: Chart; name: string; now: Date }) {
  const t = useTranslations("bazi");
  return (
    <>
      <Card>
        <CardHeader title={t("reading.pillarsTitle")} />
        <FourPillars chart={chart} name={name} />
        <Meetings chart={chart} />
      </Card>
      <div className="grid grid-cols-1 gap-8 lg:grid-cols-2">
        <Card>
          <CardHeader
            title={t("reading.elementsTitle")}
            description={t("reading.strength", {
              level: t(`levels.${chart.strength.level}`),
              percent: chart.strength.supportPercent,
            })}
          />
          <ElementBalance balance={chart.balance} />
          <p className="mt-4 text-muted-foreground text-xs">{t("reading.elementsHint")}</p>
        </Card>
        <Card>
          <CardHeader title={t("reading.birthTitle")} />
          <BirthFacts chart={chart} />
        </Card>
      </div>
      {chart.notes.length > 0 && (
        <Alert title={t("reading.notesTitle")}>
          <ul className="grid gap-1">
            {chart.notes.map((note) => (
              <li key={note}>{t(`notes.${note}`)}</li>
            ))}
          </ul>
        </Alert>
      )}
      <LuckCard chart={chart} now={now} />
    </>
  );
}

/** Combinations, harmonies, clashes, harms and punishments between the pillars. */
function Meetings({ chart }: { chart: Chart }) {
  const interactions = interactionsOf(chart.pillars);
  const t = useTranslations("bazi");
  return (
    <div className="mt-5 border-t pt-4 text-sm">
      <h3 className="mb-1.5 text-muted-foreground text-xs">{t("reading.interactionsTitle")}</h3>
      {interactions.length === 0 ? (
        <p>{t("reading.interactionsNone")}</p>
      ) : (
        <ul className="flex flex-wrap gap-x-6 gap-y-1">
          {interactions.map(({ kind, positions, element }) => (
            <li key={`${kind}-${positions.join("-")}`}>
              {t("reading.interaction", {
                kind: t(`interactions.${kind}`),
                positions: positions.map((each) => t(`positions.${each}`)).join(" – "),
              })}
              {element !== null && (
                <span className="text-muted-foreground">
                  {" "}
                  {t("reading.elementsMeeting", { element: t(`elements.${element}`) })}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function LuckCard({ chart, now }: { chart: Chart; now: Date }) {
  const t = useTranslations("bazi");
  const english = useLocale() === "en";
  const { luck } = chart;
  const luckNow = luckNowOf(chart, now);
  const { years, months, days } = luck.startAge;
  return (
    <Card>
      <CardHeader
        title={t("reading.luckTitle")}
        description={
          t("reading.luckStart", { years, months, days, direction: luck.direction }) +
          (luckNow.kind === "before-first" ? `${english ? " " : ""}${t("reading.beforeLuck")}` : "")
        }
      />
      <LuckTimeline
        luck={luck}
        currentIndex={luckNow.kind === "in-pillar" ? luckNow.index : null}
      />
    </Card>
  );
}
