import { useTranslations } from "next-intl";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";

/** Shown for a deleted reading, which its ledger entry still links to, and for an unknown id. */
export function ReadingNotFound() {
  const t = useTranslations("bazi.reading");
  return (
    <>
      <PageHeader title={t("goneTitle")} description={t("goneBody")} />
      <LinkButton href="/bazi">{t("back")}</LinkButton>
    </>
  );
}
