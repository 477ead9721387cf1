import { useTranslations } from "next-intl";
import { catalog } from "@/catalog/catalog";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";
import { Stat } from "@/components/ui/stat";
import { useCreditsText } from "@/components/use-credits-text";
import type { SignInStatus } from "@/rewards/daily-sign-in";
import { SignInButton } from "./sign-in-button";
import { SignInCalendar } from "./sign-in-calendar";

/** The daily sign-in: today's button, the streak, the next milestone and the month. */
export function SignInCard({ status, timeZone }: { status: SignInStatus; timeZone: string }) {
  const t = useTranslations("signin");
  const credits = useCreditsText();
  const { isDone, nextAt } = status;
  return (
    <Card>
      <CardHeader
        title={t("title")}
        description={t("description", { zone: timeZone, days: catalog.dailySignIn.expireDays })}
      />
      <div className="grid gap-8 md:grid-cols-[1fr_auto]">
        <div className="grid content-start gap-6">
          <SignInFigures status={status} />
          <SignInButton
            isDone={isDone}
            isWithheld={status.isWithheld}
            opensInMs={nextAt && nextAt.getTime() - status.at.getTime()}
            addedText={t("added", { credits: credits(status.credits) })}
          />
          {status.isWithheld && <p className="text-muted-foreground text-sm">{t("withheld")}</p>}
          {nextAt && (
            <p className="text-muted-foreground text-sm">
              {t.rich("next", {
                date: () => <DateTime instant={nextAt} timeZone={timeZone} />,
              })}
            </p>
          )}
        </div>
        <SignInCalendar today={status.today} days={status.days} />
      </div>
    </Card>
  );
}

function SignInFigures({ status }: { status: SignInStatus }) {
  const t = useTranslations("signin");
  const { milestone, isDone, streak } = status;
  const isToday = !isDone && milestone.inDays === 1;
  return (
    <dl className="grid grid-cols-2 gap-6 sm:grid-cols-3">
      <Stat label={t("today")}>
        <Credits amount={status.credits} />
      </Stat>
      <Stat label={t("streak")}>{t("streakDays", { days: streak })}</Stat>
      <Stat
        label={t("milestone")}
        note={
          isToday
            ? t("milestoneToday", { streak: milestone.streak })
            : t("milestoneIn", { streak: milestone.streak, days: milestone.inDays })
        }
      >
        <Credits amount={milestone.credits} />
      </Stat>
    </dl>
  );
}
