import { setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { requireAdminPage } from "@/accounts/session";
import { AdminNav } from "@/components/admin/admin-nav";
import { ClientMessages } from "@/components/layout/client-messages";
import { isLocale } from "@/lib/locales";
import AppLayout from "../(app)/layout";

/**
 * The console in the app's layout, with its navigation on top. Every page and action checks for an admin
 * itself. The layout checks too, before anything streams, so that everyone else gets a 404 status.
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
