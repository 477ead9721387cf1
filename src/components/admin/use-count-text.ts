import { useTranslations } from "next-intl";
import { COUNT_LIMIT } from "@/lib/formats";

/** A count as it is, or "10,000+" where it was not counted to the end. */
export function useCountText(): (count: number) => string {
  const t = useTranslations("admin.counts");
  return (count) =>
    count > COUNT_LIMIT ? t("more", { count: COUNT_LIMIT }) : t("exactly", { count });
}
