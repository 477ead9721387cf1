import { getTranslations } from "next-intl/server";
import { getFeature } from "@/catalog/items";
import { toLiveBalance } from "@/components/balance/to-live-balance";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { timeZoneOptions } from "@/lib/time-zones";
import type { ProductPage, ProductPageProps } from "@/product/page";
import { placeText } from "../../place-text";
import { getProfile } from "../../profile";
import { initialValues } from "./form-values";
import { ReadingForm } from "./reading-form";

export const newReadingPage: ProductPage = {
  async title({ locale }) {
    const t = await getTranslations({ locale, namespace: "bazi.form" });
    return t("title");
  },
  render: renderForm,
};

async function renderForm({ userId, locale, topUp }: ProductPageProps) {
  const at = now();
  const [profile, balance, t] = await Promise.all([
    getProfile(db, userId),
    getBalance(db, { userId, now: at }),
    getTranslations("bazi"),
  ]);
  const cityId = profile?.place.kind === "city" ? profile.place.cityId : "";
  const initial = initialValues(profile, placeText(cityId, { locale, t }) ?? "");
  return (
    <>
      <PageHeader title={t("form.title")} description={t("form.description")} />
      <ReadingForm
        userId={userId}
        initial={initial}
        balance={toLiveBalance(balance, at)}
        costCredits={getFeature("bazi-reading").cost}
        zones={timeZoneOptions(initial.zone, locale)}
        topUp={topUp}
      />
    </>
  );
}
