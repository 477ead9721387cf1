import type { EmailPropsOf } from "../email-content";
import type { Letter, Stationery } from "../letter";

export function accountDeleted(
  { name }: EmailPropsOf<"account-deleted">,
  { t }: Stationery,
): Letter {
  return {
    subject: t("accountDeleted.subject"),
    heading: t("accountDeleted.heading"),
    greeting: t("greeting", { name }),
    paragraphs: [t("accountDeleted.text"), t("accountDeleted.kept")],
  };
}
