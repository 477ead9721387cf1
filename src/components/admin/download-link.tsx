import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { buttonVariants } from "../ui/button";

/** Downloads a CSV. A plain link: the file has no language and is no page. */
export function DownloadLink({ href }: { href: string }) {
  const t = useTranslations("admin");
  return (
    <a href={href} download className={buttonVariants({ size: "sm" })}>
      <Download aria-hidden="true" />
      {t("csv")}
    </a>
  );
}
