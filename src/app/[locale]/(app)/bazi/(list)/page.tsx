import type { Metadata } from "next";
import { getLocale, getTranslations, setRequestLocale } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { getFeature } from "@/catalog/items";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { formatCreditAmount } from "@/lib/formats";
import { isLocale } from "@/lib/locales";
import { getProfile } from "@/products/bazi/profile";
import { listReadings } from "@/products/bazi/readings";
import { ReadingList } from "./reading-list";
import { SavedBirth } from "./saved-birth";

const PAGE_SIZE = 20;

interface Props {
  params: Promise<{ locale: string }>;
  searchParams: Promise<{ before?: string | string[] }>;
}

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "bazi.list" });
  return { title: t("title") };
}

/** The readings, newest first, and the saved birth. */
export default async function ReadingsPage({ params, searchParams }: Props) {
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const user = await requireUserPage();
  const { before } = await searchParams;
  const cursor = typeof before === "string" ? before : undefined;
  const [profile, page, t, cost] = await Promise.all([
    getProfile(db, user.id),
    listReadings(db, { userId: user.id, before: cursor, limit: PAGE_SIZE }),
    getTranslations("bazi.list"),
    costText(),
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

async function costText(): Promise<string> {
  const common = await getTranslations("common");
  const amount = getFeature("bazi-reading").cost;
  const locale = await getLocale();
  return common("credits", { amount, amountText: formatCreditAmount(amount, locale) });
}
