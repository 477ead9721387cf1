import { setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { requireAdminPage } from "@/accounts/session";
import { AdminNav } from "@/components/admin/admin-nav";
import { ClientMessages } from "@/components/layout/client-messages";
import { isLocale } from "@/lib/locales";
import AppLayout from "../(app)/layout";

/**
 * The console stands in the app's own shell, with its places on top. The guard is each page's and
 * each action's own; the layout asks too, because it answers before anything is streamed, so that
 * to anybody else there is no such page by its status as well.
 */
export default async function AdminLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ locale: string }>;
}) {
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  await requireAdminPage();
  return (
    <AppLayout params={params}>
      <ClientMessages namespaces={["admin", "common", "errors"]}>
        <AdminNav />
        {children}
      </ClientMessages>
    </AppLayout>
  );
}
