import { useTranslations } from "next-intl";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { LinkButton } from "@/components/ui/link-button";
import { useCreditsText } from "@/components/use-credits-text";
import { FEATURE_COSTS } from "@/credits/catalog";
import type { Balance } from "@/credits/queries";

/** Says that the balance does not suffice for a reading, and when that ends by itself. */
export function LowBalance({ balance }: { balance: Balance }) {
  const t = useTranslations("dashboard.low");
  const credits = useCreditsText();
  const cost = FEATURE_COSTS["bazi-reading"];
  if (balance.available >= cost) return null;
  const figures = { cost: credits(cost), available: credits(Math.max(0, balance.available)) };
  const { nextAllotment } = balance;
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
      {nextAllotment === null
        ? t("text", figures)
        : t.rich("textAllotment", {
            ...figures,
            credits: credits(nextAllotment.credits),
            date: () => <DateTime instant={nextAllotment.dueAt} kind="date" />,
          })}
    </Alert>
  );
}
