import type { EmailPropsOf } from "../email-content";
import type { Letter, Stationery } from "../letter";

export function resetPassword(
  { name, url, validMinutes }: EmailPropsOf<"reset-password">,
  { t }: Stationery,
): Letter {
  return {
    subject: t("resetPassword.subject"),
    heading: t("resetPassword.heading"),
    greeting: t("greeting", { name }),
    paragraphs: [t("resetPassword.text")],
    action: { label: t("resetPassword.action"), url },
    notes: [t("resetPassword.validity", { validMinutes }), t("resetPassword.notYou")],
  };
}
