import { useTranslations } from "next-intl";
import type { Membership } from "@/billing/queries";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { PortalButton } from "./portal-button";

const TROUBLES = ["past_due", "unpaid", "incomplete", "paused"] as const;

/** What is wrong with a subscription, and that it is mended on Stripe's page. */
export function PlanWarning({ membership }: { membership: Membership }) {
  const t = useTranslations("billing");
  const trouble = TROUBLES.find((status) => status === membership.status);
  if (trouble !== undefined) {
    return (
      <Alert
        tone="warning"
        className="mb-6"
        title={t(`status.${trouble}.title`)}
        action={<PortalButton>{t("manage")}</PortalButton>}
      >
        {t(`status.${trouble}.text`)}
      </Alert>
    );
  }
  const { plan, cancelAt } = membership;
  if (plan !== "lifetime" || cancelAt === null) return null;
  return (
    <Alert className="mb-6" title={t("status.lifetimeAndPro.title")}>
      {t.rich("status.lifetimeAndPro.text", {
        date: () => <DateTime instant={cancelAt} kind="date" />,
      })}
    </Alert>
  );
}
