import { useLocale, useTranslations } from "next-intl";
import { catalog } from "@/catalog/catalog";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { LinkButton } from "@/components/ui/link-button";
import { useCreditsText } from "@/components/use-credits-text";
import { SENTENCE_GAP } from "@/lib/formats";
import type { WithheldCredits } from "@/rewards/free-credits";

/** Says which free credits a user does not have yet, why, and what to do. */
export function WithheldCreditsAlert({
  withheld,
  isVerified,
}: {
  withheld: WithheldCredits | null;
  isVerified: boolean;
}) {
  const t = useTranslations("credits.withheld");
  const locale = useLocale();
  const credits = useCreditsText();
  if (withheld === null) return null;
  const { reason, monthsFromAt } = withheld;
  const waits = reason === "disposable" || reason === "network";
  const all = catalog.signUpGift.credits + catalog.freePlan.creditsPerMonth;
  return (
    <Alert
      title={t(waits ? "waiting.title" : "later.title")}
      className="mb-6"
      action={
        !isVerified && (
          <LinkButton href="/settings" size="sm">
            {t("verify")}
          </LinkButton>
        )
      }
    >
      {waits
        ? t("waiting.text", { credits: credits(all) })
        : t.rich(`later.${laterText(withheld)}`, {
            date: () => monthsFromAt && <DateTime instant={monthsFromAt} kind="date" />,
          })}
      {!waits && !isVerified && SENTENCE_GAP[locale] + t("later.unverified")}
    </Alert>
  );
}

function laterText({ reason, monthsFromAt }: WithheldCredits): "debt" | "other" | "returning" {
  if (monthsFromAt === null) return "other";
  return reason === "debt" ? "debt" : "returning";
}
