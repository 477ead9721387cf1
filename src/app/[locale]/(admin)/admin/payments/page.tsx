import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { paymentsQuery, readPaymentsPage } from "@/admin/payments";
import { DownloadLink } from "@/components/admin/download-link";
import { FilterForm } from "@/components/admin/filter-form";
import { hrefOf, paginationHrefs } from "@/components/admin/hrefs";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../page-props";
import { PaymentsTable } from "../payments-table";
import { PaymentFilters } from "./payment-filters";
import { SettleButton } from "./settle-button";

const PATH = "/admin/payments";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.payments"))("title") };
}

export default async function PaymentsPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.payments");
  const { older, newer, ...filter } = paymentsQuery.parse(await searchParams);
  const { page, kinds, emails } = await readPaymentsPage(db, { ...filter, older, newer });
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("description")}
        action={<DownloadLink href={hrefOf("/api/admin/payments.csv", filter)} />}
      />
      <FilterForm path={PATH} filtered={hrefOf(PATH, filter) !== PATH}>
        <PaymentFilters filter={filter} kinds={kinds} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <PaymentsTable
          payments={page.rows}
          emails={emails}
          settle={(payment) => (
            <SettleButton payment={payment} email={emails.get(payment.userId)} />
          )}
        />
      )}
      <Pagination {...paginationHrefs(PATH, filter, page)} />
    </>
  );
}
