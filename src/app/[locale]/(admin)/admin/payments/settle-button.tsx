import { randomUUID } from "node:crypto";
import { useTranslations } from "next-intl";
import { ReasonDialog } from "@/components/admin/reason-dialog";
import { settleOwedPayment } from "./actions";

/** Records that the money owed for a payment was paid back outside Stripe. */
export function SettleButton({ paymentId }: { paymentId: string }) {
  const t = useTranslations("admin.payments");
  return (
    <ReasonDialog
      label={t("settle")}
      size="sm"
      title={t("settleQuestion")}
      description={t("settleExplanation")}
      action={settleOwedPayment}
      input={{ id: randomUUID(), paymentId }}
    />
  );
}
