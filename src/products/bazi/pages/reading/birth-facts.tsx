import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DateTime } from "@/components/date-time";
import { formatInstant } from "@/lib/formats";
import type { Locale } from "@/lib/locales";
import { timeZoneNameAt } from "@/lib/time-zones";
import type { WallTime } from "../../birth/wall-time";
import type { Chart } from "../../chart/chart";
import { placeText } from "../../place-text";

/** The birth and the times that the pillars are read from: clock, lunar date, place, solar terms. */
export function BirthFacts({ chart }: { chart: Chart }) {
  const t = useTranslations("bazi");
  const locale = useLocale();
  const { birth, solarTerms } = chart;
  const { reckoning } = birth;
  const isTrueSolar = reckoning.kind === "true-solar";
  return (
    <dl className="grid gap-x-8 gap-y-4 text-sm sm:grid-cols-2">
      <Fact label={t("reading.clock")}>
        {wallText(birth.civil, { locale, withTime: birth.timeKnown })}
        {!birth.timeKnown && <Aside>{t("birth.timeUnknown")}</Aside>}
      </Fact>
      <Fact label={t("reading.lunarDate")}>
        <LunarDate lunar={birth.lunar} />
      </Fact>
      <Fact label={t("reading.place")}>
        {(birth.placeId === null ? null : placeText(birth.placeId, { locale, t })) ??
          t("birth.coordinates", { longitude: birth.longitude })}
        <Aside>
          {t("reading.zoneOf", {
            zone: timeZoneNameAt(birth.zone, { locale, at: new Date(birth.bornAt) }),
            offset: offsetText(birth.utcOffsetSeconds),
          })}
        </Aside>
      </Fact>
      {birth.timeKnown && (
        <Fact label={isTrueSolar ? t("reading.reckonedTrue") : t("reading.reckonedStandard")}>
          {wallText(reckoning.wall, { locale, withTime: true })}
          <Aside>{isTrueSolar ? <Correction birth={birth} /> : t("reading.reckonedHint")}</Aside>
        </Fact>
      )}
      <Fact label={t("reading.termBefore")}>
        {t(`solarTerms.${solarTerms.previous.term}`)}
        <Aside>
          <DateTime instant={solarTerms.previous.at} timeZone={birth.zone} />
        </Aside>
      </Fact>
      <Fact label={t("reading.termAfter")}>
        {t(`solarTerms.${solarTerms.next.term}`)}
        <Aside>
          <DateTime instant={solarTerms.next.at} timeZone={birth.zone} />
        </Aside>
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-muted-foreground text-xs">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Aside({ children }: { children: ReactNode }) {
  return <span className="block text-muted-foreground text-xs">{children}</span>;
}

function LunarDate({ lunar }: { lunar: Chart["birth"]["lunar"] }) {
  const t = useTranslations("bazi");
  const { year, month, day, isLeapMonth } = lunar;
  return t("birth.lunarDate", {
    year: String(year),
    month: t("lunarMonthName", { month: String(month) }),
    day: t("lunarDayName", { day: String(day) }),
    leap: isLeapMonth ? "yes" : "no",
  });
}

/**
 * The parts of the gap between clock and solar time. The stored longitude correction includes
 * daylight saving, which is shown separately.
 */
function Correction({ birth }: { birth: Chart["birth"] }) {
  const t = useTranslations("bazi");
  const { reckoning, daylightSavingSeconds } = birth;
  return t("reading.correction", {
    longitude: minutesText(t, reckoning.longitudeCorrectionSeconds + daylightSavingSeconds),
    equation: minutesText(t, reckoning.equationOfTimeSeconds),
    hasSaving: daylightSavingSeconds === 0 ? "no" : "yes",
    saving: minutesText(t, -daylightSavingSeconds),
  });
}

/** `+08:00`; with seconds only if the offset has them (local mean time). */
function offsetText(seconds: number): string {
  const sign = seconds < 0 ? "−" : "+";
  const total = Math.abs(seconds);
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const shown = parts[2] === 0 ? parts.slice(0, 2) : parts;
  return sign + shown.map((part) => String(part).padStart(2, "0")).join(":");
}

/** Formats a clock time. It has no zone; UTC only carries it through Intl. */
function wallText(
  wall: WallTime,
  { locale, withTime }: { locale: Locale; withTime: boolean },
): string {
  const { year, month, day, hour, minute, second } = wall;
  return formatInstant(new Date(Date.UTC(year, month - 1, day, hour, minute, second)), {
    locale,
    timeZone: "UTC",
    style: withTime ? "date-time" : "date",
  });
}

function minutesText(t: ReturnType<typeof useTranslations<"bazi">>, seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 6) / 10;
  return t("reading.minutes", { minutes: `${seconds < 0 ? "−" : "+"}${minutes}` });
}
