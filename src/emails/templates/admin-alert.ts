import type { EmailPropsOf } from "../email-content";
import type { Letter, Stationery } from "../letter";

/** The alert's own words are English, as the log's are: they name tables, runs and ids. */
export function adminAlert(
  { title, lines }: EmailPropsOf<"admin-alert">,
  { t, pageUrl }: Stationery,
): Letter {
  return {
    subject: t("adminAlert.subject", { title }),
    heading: title,
    paragraphs: lines,
    action: { label: t("adminAlert.action"), url: pageUrl("/admin") },
  };
}
