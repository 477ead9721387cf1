import { useTranslations } from "next-intl";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";

/** A reading that was deleted (its charge in the ledger still points here) or never was theirs. */
export default function ReadingNotFound() {
  const t = useTranslations("bazi.reading");
  return (
    <>
      <PageHeader title={t("goneTitle")} description={t("goneBody")} />
      <LinkButton href="/bazi">{t("back")}</LinkButton>
    </>
  );
}
