import type { EmailPropsOf } from "../email-content";
import { dayIn, withUnit } from "../formats";
import type { Letter, Stationery } from "../letter";

export function creditsExpiring(
  { name, lots, timeZone }: EmailPropsOf<"credits-expiring">,
  { t, locale, pageUrl }: Stationery,
): Letter {
  const total = withUnit(
    lots.reduce((sum, lot) => sum + lot.credits, 0),
    { t, locale },
  );
  return {
    subject: t("creditsExpiring.subject", { credits: total }),
    heading: t("creditsExpiring.heading", { credits: total }),
    greeting: t("greeting", { name }),
    paragraphs: [t("creditsExpiring.text")],
    facts: lots.map((lot) => ({
      label: dayIn(lot.expiresAt, { locale, timeZone, t }),
      value: withUnit(lot.credits, { t, locale }),
    })),
    action: { label: t("creditsExpiring.action"), url: pageUrl("/bazi/new") },
    notes: [t("optional")],
  };
}
