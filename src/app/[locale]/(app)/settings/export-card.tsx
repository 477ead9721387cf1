import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { buttonVariants } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";

/** Downloads everything that is stored about the user. */
export function ExportCard() {
  const t = useTranslations("settings.export");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("text")} />
      <a href="/api/account/export" download className={buttonVariants({})}>
        <Download aria-hidden="true" className="size-4" />
        {t("link")}
      </a>
    </Card>
  );
}
