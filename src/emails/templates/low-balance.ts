import type { EmailPropsOf } from "../email-content";
import { withUnit } from "../formats";
import type { Letter, Stationery } from "../letter";

export function lowBalance(
  { name, available, readingCost }: EmailPropsOf<"low-balance">,
  { t, locale, pageUrl }: Stationery,
): Letter {
  const left = withUnit(available, { t, locale });
  return {
    subject: t("lowBalance.subject", { credits: left }),
    heading: t("lowBalance.heading", { credits: left }),
    greeting: t("greeting", { name }),
    paragraphs: [t("lowBalance.text", { cost: withUnit(readingCost, { t, locale }) })],
    action: { label: t("lowBalance.action"), url: pageUrl("/pricing#packs") },
    notes: [t("optional")],
  };
}
