import { useTranslations } from "next-intl";
import { catalog } from "@/catalog/catalog";

/** How long packs are valid, as the end of a sentence: "365 days". */
export function usePackValidity(): string {
  const t = useTranslations("pricing.packs.validity");
  const [days, ...others] = new Set(catalog.packs.map(({ expireDays }) => expireDays));
  if (days === undefined || others.length > 0) return t("varies");
  return days === null ? t("unlimited") : t("days", { days });
}
