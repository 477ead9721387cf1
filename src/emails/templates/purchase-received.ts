import { formatMoney } from "@/lib/format-money";
import type { EmailPropsOf } from "../email-content";
import { dayIn, withUnit } from "../formats";
import type { Letter, Stationery } from "../letter";

export function purchaseReceived(
  props: EmailPropsOf<"purchase-received">,
  { t, locale, pageUrl }: Stationery,
): Letter {
  const { name, item, credits, amountCents, currency, expiresAt } = props;
  const creditsText = withUnit(credits, { t, locale });
  const expiry = expiresAt === null ? t("never") : dayIn(expiresAt, { locale, timeZone: "UTC", t });
  return {
    subject: t("purchaseReceived.subject", { credits: creditsText }),
    heading: t("purchaseReceived.heading", { credits: creditsText }),
    paragraphs: [t("greeting", { name }), t(`purchaseReceived.texts.${item}`)],
    facts: [
      { label: t("facts.item"), value: t(`items.${item}`) },
      { label: t("facts.amount"), value: formatMoney(amountCents, currency, locale) },
      { label: t("facts.credits"), value: creditsText },
      { label: t("facts.expires"), value: expiry },
    ],
    action: { label: t("purchaseReceived.action"), url: pageUrl("/credits") },
    notes: [t("purchaseReceived.receipt")],
  };
}
