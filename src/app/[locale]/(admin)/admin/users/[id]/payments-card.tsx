import { useTranslations } from "next-intl";
import type { Payment } from "@/billing/queries";
import { addressOf } from "@/components/admin/address";
import { PaymentsTable } from "@/components/admin/payments-table";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";

/** What the person paid last. */
export function PaymentsCard({
  userId,
  payments,
  more,
}: {
  userId: string;
  payments: readonly Payment[];
  more: boolean;
}) {
  const t = useTranslations("admin.user");
  const all = more && (
    <LinkButton href={addressOf("/admin/payments", { q: userId })} size="sm">
      {t("allPayments")}
    </LinkButton>
  );
  return (
    <Card>
      <CardHeader title={t("payments")} aside={all} />
      {payments.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noPayments")}</p>
      ) : (
        <PaymentsTable payments={payments} />
      )}
    </Card>
  );
}
