import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { MAX_GRANT_LINES } from "@/admin/users/parse-grants";
import { PageHeader } from "@/components/ui/page-header";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../page-props";
import { GrantsForm } from "./grants-form";

/** In seconds. The action stops before it. */
export const maxDuration = 60;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.grants"))("title") };
}

/** Grants credits to the users of a CSV file. */
export default async function GrantsPage({ params }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.grants");
  return (
    <>
      <PageHeader title={t("title")} description={t("description", { lines: MAX_GRANT_LINES })} />
      <GrantsForm formId={randomUUID()} />
    </>
  );
}
