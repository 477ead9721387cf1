import { formatMoney } from "@/lib/format-money";
import type { EmailPropsOf } from "../email-content";
import { dayIn } from "../formats";
import type { Letter, Stationery } from "../letter";

export function paymentFailed(
  { name, item, amountCents, currency, nextAttemptAt, timeZone }: EmailPropsOf<"payment-failed">,
  { t, locale, pageUrl }: Stationery,
): Letter {
  const itemName = t(`items.${item}`);
  const next =
    nextAttemptAt === null
      ? t("paymentFailed.noRetry")
      : t("paymentFailed.retry", { day: dayIn(nextAttemptAt, { locale, timeZone, t }) });
  return {
    subject: t("paymentFailed.subject", { item: itemName }),
    heading: t("paymentFailed.heading"),
    greeting: t("greeting", { name }),
    paragraphs: [
      t("paymentFailed.text", {
        item: itemName,
        amount: formatMoney(amountCents, currency, locale),
      }),
      next,
    ],
    action: { label: t("paymentFailed.action"), url: pageUrl("/billing") },
    notes: [t("paymentFailed.kept")],
  };
}
