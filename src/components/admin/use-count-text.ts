import { useTranslations } from "next-intl";
import { COUNT_LIMIT } from "@/lib/formats";

/** Formats a count, or "10,000+" for one above `COUNT_LIMIT`. */
export function useCountText(): (count: number) => string {
  const t = useTranslations("admin.counts");
  return (count) =>
    count > COUNT_LIMIT ? t("more", { count: COUNT_LIMIT }) : t("exactly", { count });
}
