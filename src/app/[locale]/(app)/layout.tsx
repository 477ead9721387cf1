import { setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { requireUserPage } from "@/accounts/session";
import { supportAddress } from "@/app/[locale]/support-address";
import { AppNav } from "@/components/layout/app-nav";
import { ClientMessages } from "@/components/layout/client-messages";
import { SimulatedPaymentsBanner } from "@/components/layout/simulated-payments-banner";
import { SiteFooter } from "@/components/layout/site-footer";
import { ReaderZoneProvider } from "@/components/reader-zone";
import { RenderedForProvider } from "@/components/rendered-for";
import { ToastProvider } from "@/components/ui/toast-provider";
import { db } from "@/db";
import { env } from "@/env";
import { NAMESPACES, PRODUCT_NAMESPACES } from "@/i18n/namespaces";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { localeOf } from "@/lib/locales";
import { product } from "@/product/current";
import { AppHeader } from "./app-header";

const SERVER_ONLY: readonly string[] = [
  "admin",
  "apiKeys",
  "dev",
  "emails",
  "landing",
  "legal",
  "marketing",
  "withdrawal",
];
const CLIENT_NAMESPACES = [...NAMESPACES, ...PRODUCT_NAMESPACES].filter(
  (namespace) => !SERVER_ONLY.includes(namespace),
);

/**
 * The shell of the signed-in app. It is no access check: every page below checks its own caller,
 * because Next.js does not render layouts again on client navigation.
 */
export default async function AppLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ locale: string }>;
}) {
  const { locale: requested } = await params;
  const locale = localeOf(requested);
  setRequestLocale(locale);
  const user = await requireUserPage();
  const at = now();
  const balance = await getBalance(db, { userId: user.id, now: at });
  const isAdmin = user.role === "admin";
  return (
    <ClientMessages namespaces={CLIENT_NAMESPACES}>
      {/* The key discards what one person typed when a refresh renders the page for another. */}
      <RenderedForProvider key={user.id} userId={user.id}>
        <ReaderZoneProvider timeZone={user.timeZone}>
          {env.STRIPE_API_BASE !== undefined && <SimulatedPaymentsBanner />}
          <div className="print:hidden sticky top-0 z-30 border-b bg-background/95 backdrop-blur-sm">
            <AppHeader
              user={{ name: user.name, email: user.email, isAdmin }}
              balance={balance}
              asOf={at}
            />
            <AppNav
              productPages={product.navigation.map(({ href, label }) => ({
                href,
                label: label[locale],
              }))}
              isAdmin={isAdmin}
            />
          </div>
          <main id="content" className="mx-auto w-full max-w-6xl flex-1 px-4 py-8 sm:px-6 sm:py-10">
            {children}
          </main>
          <SiteFooter supportAddress={supportAddress} />
          <ToastProvider />
        </ReaderZoneProvider>
      </RenderedForProvider>
    </ClientMessages>
  );
}
