import { randomUUID } from "node:crypto";
import { useTranslations } from "next-intl";
import type { Payment } from "@/billing/queries";
import { EffectFacts } from "@/components/admin/credit-effect";
import { ReasonDialog } from "@/components/admin/reason-dialog";
import { Money } from "@/components/money";
import { settleOwedPayment } from "./actions";

/** Records that the money owed for a payment was paid back outside Stripe. */
export function SettleButton({ payment, email }: { payment: Payment; email: string | undefined }) {
  const t = useTranslations("admin.payments");
  return (
    <ReasonDialog
      label={t("settle")}
      size="sm"
      title={t("settleQuestion")}
      description={t("settleExplanation")}
      effect={
        <EffectFacts
          facts={[
            { label: t("owedTo"), value: email ?? payment.userId },
            {
              label: t("owed"),
              value: <Money amountCents={payment.owedCents} currency={payment.currency} />,
            },
            { label: t("owedAfter"), value: <Money amountCents={0} currency={payment.currency} /> },
            { label: t("creditsAfter"), value: t("creditsStay") },
          ]}
        />
      }
      action={settleOwedPayment}
      input={{ id: randomUUID(), paymentId: payment.id }}
    />
  );
}
