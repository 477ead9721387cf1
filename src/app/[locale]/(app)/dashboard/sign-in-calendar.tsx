import { useLocale, useTranslations } from "next-intl";
import { cn } from "@/components/ui/cn";
import { FORMAT_LOCALES, formatInstant } from "@/lib/formats";
import { addDays, type Day, type Month, monthOf } from "@/lib/local-day";

const DAYS_PER_WEEK = 7;

/** The current month. Marks signed-in days and today, both also in text for screen readers. */
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
                // biome-ignore lint/suspicious/noArrayIndexKey: a blank has no other identity than its weekday
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

/** Monday to Sunday as one letter each, with the full name for screen readers. */
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

/** Returns the weeks of a month, Monday first. Days of other months are null. */
export function monthWeeks(month: Month): (Day | null)[][] {
  const first: Day = `${month}-01`;
  // getUTCDay() counts from Sunday, the calendar from Monday.
  const blanks = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % DAYS_PER_WEEK;
  const weeks: (Day | null)[][] = [];
  for (let day = addDays(first, -blanks); day.slice(0, 7) <= month; ) {
    const week: (Day | null)[] = [];
    for (; week.length < DAYS_PER_WEEK; day = addDays(day, 1)) {
      week.push(day.startsWith(month) ? day : null);
    }
    weeks.push(week);
  }
  return weeks;
}
