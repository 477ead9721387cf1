import { useLocale, useTranslations } from "next-intl";
import { catalog } from "@/catalog/catalog";
import { DateTime } from "@/components/date-time";
import { Disclosure } from "@/components/disclosure";
import { Card } from "@/components/ui/card";
import { useCreditsText } from "@/components/use-credits-text";
import { SENTENCE_GAP } from "@/lib/formats";
import { timeZoneName } from "@/lib/time-zones";
import type { SignInStatus } from "@/rewards/daily-sign-in";
import { SignInButton } from "./sign-in-button";
import { SignInCalendar } from "./sign-in-calendar";

/** The daily sign-in as one row: today's credits, the streak and the button. The month folds out. */
export function SignInCard({ status, timeZone }: { status: SignInStatus; timeZone: string }) {
  const t = useTranslations("signin");
  const locale = useLocale();
  const credits = useCreditsText();
  const { isDone, isWithheld, nextAt, streak, milestone } = status;
  const isToday = !isDone && milestone.inDays === 1;
  const bonus = {
    credits: credits(milestone.credits),
    day: milestone.streak,
    days: milestone.inDays,
  };
  return (
    <Card id="sign-in" className="grid scroll-mt-32 gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h2 className="font-semibold">{t("title")}</h2>
          <p className="text-muted-foreground text-sm">
            {t("row", {
              credits: credits(status.credits),
              streak: t("streakDays", { days: streak }),
            })}
            {SENTENCE_GAP[locale]}
            {t(isToday ? "bonusToday" : "bonusIn", bonus)}
          </p>
        </div>
        <SignInButton
          isDone={isDone}
          isWithheld={isWithheld}
          opensInMs={nextAt && nextAt.getTime() - status.at.getTime()}
          addedText={t("added", { credits: credits(status.credits) })}
        />
      </div>
      {isWithheld && <p className="text-muted-foreground text-sm">{t("withheld")}</p>}
      <Disclosure title={<span className="text-sm">{t("details")}</span>}>
        <div className="grid gap-4 text-muted-foreground text-sm md:grid-cols-[1fr_auto]">
          <div className="grid content-start gap-2">
            <p>
              {t("description", {
                zone: timeZoneName(timeZone, locale),
                days: catalog.dailySignIn.expireDays,
              })}
            </p>
            {nextAt && (
              <p>
                {t.rich("next", {
                  date: () => <DateTime instant={nextAt} timeZone={timeZone} />,
                })}
              </p>
            )}
          </div>
          <SignInCalendar today={status.today} days={status.days} />
        </div>
      </Disclosure>
    </Card>
  );
}
