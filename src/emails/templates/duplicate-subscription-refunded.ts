import { formatMoney } from "@/lib/format-money";
import type { EmailPropsOf } from "../email-content";
import type { Letter, Stationery } from "../letter";

export function duplicateSubscriptionRefunded(
  { name, item, amountCents, currency }: EmailPropsOf<"duplicate-subscription-refunded">,
  { t, locale, pageUrl }: Stationery,
): Letter {
  const amount = formatMoney(amountCents, currency, locale);
  if (amountCents === 0) {
    return {
      subject: t("duplicateSubscription.freeSubject"),
      heading: t("duplicateSubscription.freeHeading"),
      greeting: t("greeting", { name }),
      paragraphs: [t("duplicateSubscription.freeText", { item: t(`items.${item}`) })],
      action: { label: t("duplicateSubscription.action"), url: pageUrl("/billing") },
      notes: [t("duplicateSubscription.freeTiming")],
    };
  }
  return {
    subject: t("duplicateSubscription.subject"),
    heading: t("duplicateSubscription.heading"),
    greeting: t("greeting", { name }),
    paragraphs: [t("duplicateSubscription.text", { item: t(`items.${item}`), amount })],
    action: { label: t("duplicateSubscription.action"), url: pageUrl("/billing") },
    notes: [t("duplicateSubscription.timing")],
  };
}
