import { useLocale, useTranslations } from "next-intl";
import { cn } from "@/components/ui/cn";
import { formatInstant } from "@/lib/format-instant";
import { FORMAT_LOCALES } from "@/lib/format-locale";
import { type Day, monthOf } from "@/lib/local-day";
import { monthWeeks } from "./month-weeks";

/** This month as a table: signed-in days are filled, today is ringed, and both are said in words. */
export function SignInCalendar({ today, days }: { today: Day; days: readonly Day[] }) {
  const t = useTranslations("signin");
  const locale = useLocale();
  const month = formatInstant(instantOf(today), { locale, timeZone: "UTC", style: "month" });
  const weeks = monthWeeks(monthOf(today));
  const signedIn = new Set(days);
  return (
    <table className="border-separate border-spacing-0.5 justify-self-start text-center text-sm tabular-nums md:justify-self-end">
      <caption className="pb-2 text-start text-muted-foreground text-xs">
        {t("calendar", { month })}
      </caption>
      <thead>
        <tr>
          <Weekdays />
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week.find((day) => day !== null)}>
            {week.map((day, weekday) =>
              day === null ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: a blank is its place in the week
                <td key={weekday} />
              ) : (
                <DayCell
                  key={day}
                  day={day}
                  isSignedIn={signedIn.has(day)}
                  isToday={day === today}
                />
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DayCell({
  day,
  isSignedIn,
  isToday,
}: {
  day: Day;
  isSignedIn: boolean;
  isToday: boolean;
}) {
  const t = useTranslations("signin");
  const facts = [isSignedIn && t("signedIn"), isToday && t("isToday")].filter(Boolean);
  return (
    <td className="p-0" aria-current={isToday ? "date" : undefined}>
      <span
        className={cn(
          "grid size-8 place-items-center rounded-full",
          isSignedIn ? "bg-foreground text-background" : "text-muted-foreground",
          isToday && "outline-1 outline-primary outline-offset-1",
        )}
      >
        {Number(day.slice(8))}
        {facts.length > 0 && <span className="sr-only">{` ${facts.join(" ")}`}</span>}
      </span>
    </td>
  );
}

/** Monday to Sunday, in one letter each and in full for who listens. */
function Weekdays() {
  const locale = FORMAT_LOCALES[useLocale()];
  const name = (weekday: number, style: "narrow" | "long") =>
    new Intl.DateTimeFormat(locale, { weekday: style, timeZone: "UTC" }).format(
      new Date(Date.UTC(2024, 0, 1 + weekday)),
    );
  return [0, 1, 2, 3, 4, 5, 6].map((weekday) => (
    <th key={weekday} scope="col" className="size-8 font-normal text-muted-foreground text-xs">
      <abbr title={name(weekday, "long")} className="no-underline">
        {name(weekday, "narrow")}
      </abbr>
    </th>
  ));
}

function instantOf(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}
