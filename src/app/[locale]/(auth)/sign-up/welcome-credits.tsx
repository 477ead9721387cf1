import { addHours } from "date-fns";
import { useTranslations } from "next-intl";
import { ALLOTMENT_GRACE_HOURS, PLANS, SIGN_UP_GIFT } from "@/catalog/catalog";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { monthsAfter } from "@/ledger/schedules";

/** The credits of a new account and when they expire. */
export function WelcomeCredits({ now }: { now: Date }) {
  const t = useTranslations("auth.signUp");
  const monthly = PLANS.free.creditsPerMonth;
  const parts = [
    {
      label: t("gift"),
      credits: SIGN_UP_GIFT.credits,
      expiresAt: addHours(now, SIGN_UP_GIFT.expireDays * 24),
    },
    {
      label: t("firstMonth"),
      credits: monthly,
      expiresAt: addHours(monthsAfter(now, 1), ALLOTMENT_GRACE_HOURS),
    },
  ];
  return (
    <section aria-label={t("startsWith")} className="rounded-md border bg-background p-4 text-sm">
      <p className="flex items-baseline justify-between gap-4 font-medium">
        {t("startsWith")}
        <Credits amount={SIGN_UP_GIFT.credits + monthly} className="text-base" />
      </p>
      <ul className="mt-3 grid gap-2 border-t pt-3">
        {parts.map(({ label, credits, expiresAt }) => (
          <li key={label} className="flex items-baseline justify-between gap-4">
            <span>
              {label}
              <span className="block text-muted-foreground text-xs">
                {t.rich("until", { day: () => <DateTime instant={expiresAt} kind="date" /> })}
              </span>
            </span>
            <Credits amount={credits} />
          </li>
        ))}
      </ul>
      <p className="mt-3 text-muted-foreground text-xs">{t("eachMonth", { credits: monthly })}</p>
    </section>
  );
}
