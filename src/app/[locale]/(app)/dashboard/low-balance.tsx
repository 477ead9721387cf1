import { useTranslations } from "next-intl";
import type { NextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import { FEATURE_COSTS } from "@/catalog/catalog";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { LinkButton } from "@/components/ui/link-button";
import { useCreditsText } from "@/components/use-credits-text";
import type { Balance } from "@/ledger/reads/balance";

/** Warns that the balance is too low for a reading, and shows when the next credits arrive. */
export function LowBalance({
  balance,
  nextMonth,
}: {
  balance: Balance;
  nextMonth: NextMonthlyCredits | null;
}) {
  const t = useTranslations("dashboard.low");
  const credits = useCreditsText();
  const cost = FEATURE_COSTS["bazi-reading"];
  if (balance.available >= cost) return null;
  const figures = { cost: credits(cost), available: credits(Math.max(0, balance.available)) };
  return (
    <Alert
      title={t("title")}
      className="mb-6"
      action={
        <LinkButton href="/pricing#packs" size="sm">
          {t("action")}
        </LinkButton>
      }
    >
      {nextMonth === null
        ? t("text", figures)
        : t.rich(nextMonth.onRenewal ? "textRenewal" : "textAllotment", {
            ...figures,
            credits: credits(nextMonth.credits),
            date: () => <DateTime instant={nextMonth.dueAt} kind="date" />,
          })}
    </Alert>
  );
}
