import { useLocale, useTranslations } from "next-intl";
import { Card, CardHeader } from "@/components/ui/card";
import { timeZoneName } from "@/lib/time-zones";
import type { BirthInput } from "../../birth/input";
import { placeText } from "../../place-text";
import { DeleteSavedBirthButton } from "./delete-saved-birth-button";

/** The birth that prefills the form, with a button to delete it. */
export function SavedBirth({ birth }: { birth: BirthInput | null }) {
  const t = useTranslations("bazi");
  return (
    <Card>
      <CardHeader
        title={t("list.profileTitle")}
        aside={birth !== null && <DeleteSavedBirthButton />}
      />
      {birth === null ? (
        <p className="text-muted-foreground text-sm">{t("list.profileEmpty")}</p>
      ) : (
        <BirthLine birth={birth} />
      )}
    </Card>
  );
}

function BirthLine({ birth }: { birth: BirthInput }) {
  const t = useTranslations("bazi");
  const locale = useLocale();
  const { place } = birth;
  const facts = [
    birth.name,
    t(`birth.${birth.gender}`),
    dateText(t, birth),
    birth.time ?? t("birth.timeUnknown"),
    place.kind === "city"
      ? (placeText(place.cityId, { locale, t }) ?? place.cityId)
      : t("birth.at", {
          place: t("birth.coordinates", { longitude: place.longitude }),
          zone: timeZoneName(place.zone, locale),
        }),
  ];
  return (
    <ul className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  );
}

function dateText(
  t: ReturnType<typeof useTranslations<"bazi">>,
  { calendar, year, month, day, isLeapMonth }: BirthInput,
): string {
  if (calendar === "solar") {
    return t("birth.solarDate", {
      year: String(year),
      month: t("monthName", { month: String(month) }),
      day: String(day),
    });
  }
  return t("birth.lunarDate", {
    year: String(year),
    month: t("lunarMonthName", { month: String(month) }),
    day: t("lunarDayName", { day: String(day) }),
    leap: isLeapMonth ? "yes" : "no",
  });
}
