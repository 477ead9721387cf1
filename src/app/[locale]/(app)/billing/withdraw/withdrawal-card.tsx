import { useTranslations } from "next-intl";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";

/** The way to the withdrawal function from the billing page. */
export function WithdrawalCard({ days }: { days: number }) {
  const t = useTranslations("withdrawal.card");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("text", { days })} />
      <LinkButton href="/billing/withdraw">{t("link")}</LinkButton>
    </Card>
  );
}
