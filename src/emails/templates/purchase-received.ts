import { formatMoney } from "@/lib/format-money";
import type { EmailPropsOf } from "../email-content";
import { dayIn, withUnit } from "../formats";
import type { Letter, Stationery } from "../letter";

export function purchaseReceived(
  props: EmailPropsOf<"purchase-received">,
  { t, locale, pageUrl }: Stationery,
): Letter {
  const { name, item, credits, amountCents, currency, expiresAt, creditsFrom, timeZone } = props;
  const creditsText = withUnit(credits, { t, locale });
  const itemText = t(`items.${item}`);
  const paid = [
    { label: t("facts.item"), value: itemText },
    { label: t("facts.amount"), value: formatMoney(amountCents, currency, locale) },
  ];
  const rest = {
    action: { label: t("purchaseReceived.action"), url: pageUrl("/credits") },
    notes: [t("purchaseReceived.receipt")],
  };
  if (creditsFrom !== undefined) {
    const day = dayIn(creditsFrom, { locale, timeZone, t });
    const later = t("purchaseReceived.later", { credits: creditsText, day });
    return {
      subject: t("purchaseReceived.laterSubject", { item: itemText }),
      heading: t("purchaseReceived.laterHeading"),
      greeting: t("greeting", { name }),
      paragraphs: [later],
      facts: paid,
      ...rest,
    };
  }
  const expiry = expiresAt === null ? t("never") : dayIn(expiresAt, { locale, timeZone, t });
  return {
    subject: t("purchaseReceived.subject", { credits: creditsText }),
    heading: t("purchaseReceived.heading", { credits: creditsText }),
    greeting: t("greeting", { name }),
    paragraphs: [t(`purchaseReceived.texts.${item}`)],
    facts: [
      ...paid,
      { label: t("facts.credits"), value: creditsText },
      { label: t("facts.expires"), value: expiry },
    ],
    ...rest,
  };
}
