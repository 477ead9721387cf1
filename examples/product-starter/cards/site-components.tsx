import { useTranslations } from "next-intl";
import type { ProductComponents } from "@/product/product";

/** What greeting cards show on pages of the site. */
export const cardComponents: ProductComponents = {
  LandingFigure() {
    const t = useTranslations("landing");
    return <p className="rounded-lg border bg-card p-16 text-center text-2xl">{t("sample")}</p>;
  },
  LandingSection() {
    const t = useTranslations("landing");
    return <p className="border-t py-16 text-lg">{t("text")}</p>;
  },
};
