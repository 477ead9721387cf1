import { getTranslations } from "next-intl/server";
import { getFeature } from "@/catalog/items";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { formatCreditAmount } from "@/lib/formats";
import type { Locale } from "@/lib/locales";
import type { ProductPage, ProductPageProps } from "@/product/page";
import { getProfile } from "../../profile";
import { listReadings } from "../../readings";
import { ReadingList } from "./reading-list";
import { SavedBirth } from "./saved-birth";

const PAGE_SIZE = 20;

/** The readings, newest first, and the saved birth. */
export const readingsPage: ProductPage = {
  async title({ locale }) {
    const t = await getTranslations({ locale, namespace: "bazi.list" });
    return t("title");
  },
  render: renderReadings,
};

async function renderReadings({ userId, locale, searchParams: { before } }: ProductPageProps) {
  const cursor = typeof before === "string" ? before : undefined;
  const [profile, page, t, cost] = await Promise.all([
    getProfile(db, userId),
    listReadings(db, { userId: userId, before: cursor, limit: PAGE_SIZE }),
    getTranslations("bazi.list"),
    costText(locale),
  ]);
  const newReading = (
    <LinkButton href="/bazi/new" variant="primary">
      {t("new")}
    </LinkButton>
  );
  return (
    <>
      <PageHeader title={t("title")} description={t("description", { cost })} action={newReading} />
      <div className="grid grid-cols-1 gap-10">
        {page.readings.length === 0 && cursor === undefined ? (
          <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
        ) : (
          <section>
            <ReadingList readings={page.readings} />
            <Pagination
              newerHref={cursor === undefined ? null : "/bazi"}
              olderHref={
                page.nextBefore === null
                  ? null
                  : `/bazi?before=${encodeURIComponent(page.nextBefore)}`
              }
            />
          </section>
        )}
        <SavedBirth birth={profile} />
      </div>
    </>
  );
}

async function costText(locale: Locale): Promise<string> {
  const common = await getTranslations("common");
  const amount = getFeature("bazi-reading").cost;
  return common("credits", { amount, amountText: formatCreditAmount(amount, locale) });
}
