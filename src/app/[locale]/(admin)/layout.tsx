import { getTranslations, setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { requireAdminPage } from "@/accounts/session";
import { readSiteHealth } from "@/app/api/health/read-site-health";
import { ProofProvider } from "@/app/proof/proof-provider";
import { findSecondFactors } from "@/auth/second-factors";
import { catalog } from "@/catalog/catalog";
import { AdminNav } from "@/components/admin/admin-nav";
import { ConsoleSearch } from "@/components/admin/console-search";
import { HealthLine } from "@/components/admin/health-line";
import { ClientMessages } from "@/components/layout/client-messages";
import { ReaderZoneProvider } from "@/components/reader-zone";
import { db } from "@/db";
import { PROBLEMS, type Problem } from "@/jobs/health";
import { isLocale } from "@/lib/locales";
import { logger } from "@/lib/logger";
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
  const admin = await requireAdminPage();
  const { app: code, passkey } = await findSecondFactors(db, admin.id);
  const t = await getTranslations("admin.health.problems");
  const texts = Object.fromEntries(PROBLEMS.map((problem) => [problem, t(problem)]));
  return (
    <AppLayout params={params}>
      <ClientMessages
        namespaces={["admin", "apiKeys", "auth", "common", "credits", "errors", "security"]}
      >
        <ProofProvider methods={{ password: false, code, passkey }}>
          {/* An admin types instants in the browser's zone, so all are shown in it. */}
          <ReaderZoneProvider timeZone={null}>
            <ConsoleSearch />
            <AdminNav withdrawals={catalog.consumerRights !== null} />
            <HealthLine initial={await readProblems()} texts={texts} />
            {children}
          </ReaderZoneProvider>
        </ProofProvider>
      </ClientMessages>
    </AppLayout>
  );
}

/** None if they cannot be read: the page itself then shows what is wrong. */
async function readProblems(): Promise<readonly Problem[]> {
  try {
    return (await readSiteHealth()).problems;
  } catch (error) {
    logger.error({ err: error }, "health could not be read for the console");
    return [];
  }
}
