import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { buttonVariants } from "../ui/button";

/** A CSV download. A plain link, because the URL has no locale. */
export function DownloadLink({ href }: { href: string }) {
  const t = useTranslations("admin");
  return (
    <a href={href} download className={buttonVariants({ size: "sm" })}>
      <Download aria-hidden="true" />
      {t("csv")}
    </a>
  );
}
