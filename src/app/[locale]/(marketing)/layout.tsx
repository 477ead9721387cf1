import { setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { ClientMessages } from "@/app/client-messages";
import { SimulatedPaymentsBanner } from "@/components/simulated-payments-banner";
import { SiteFooter } from "@/components/site-footer";
import { SiteHeader } from "@/components/site-header";
import { DEFAULT_LOCALE, isLocale } from "@/lib/locales";
import { AccountLinks } from "./account-links";
import { VisitorBanner } from "./visitor-banner";

/** The public pages: static, so who is looking is found out in the browser (`viewer`). */
export default async function MarketingLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ locale: string }>;
}) {
  const { locale } = await params;
  setRequestLocale(isLocale(locale) ? locale : DEFAULT_LOCALE);
  return (
    <ClientMessages namespaces={["common", "errors"]}>
      <VisitorBanner>
        <SimulatedPaymentsBanner />
      </VisitorBanner>
      <SiteHeader account={<AccountLinks />} />
      <main id="content" className="flex-1">
        {children}
      </main>
      <SiteFooter />
    </ClientMessages>
  );
}
