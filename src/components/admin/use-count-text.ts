import { useTranslations } from "next-intl";
import { MOST_COUNTED } from "@/lib/most-counted";

/** A count as it is, or "10,000+" where it was not counted to the end. */
export function useCountText(): (count: number) => string {
  const t = useTranslations("admin.counts");
  return (count) =>
    count > MOST_COUNTED ? t("more", { count: MOST_COUNTED }) : t("exactly", { count });
}
