import type { EmailPropsOf } from "../email-content";
import type { Letter, Stationery } from "../letter";

export function verifyEmail(
  { name, url, validHours }: EmailPropsOf<"verify-email">,
  { t }: Stationery,
): Letter {
  return {
    subject: t("verifyEmail.subject"),
    heading: t("verifyEmail.heading"),
    greeting: t("greeting", { name }),
    paragraphs: [t("verifyEmail.text")],
    action: { label: t("verifyEmail.action"), url },
    notes: [t("verifyEmail.validity", { validHours }), t("verifyEmail.notYou")],
  };
}
