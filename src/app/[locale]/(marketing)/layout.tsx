import { setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { supportAddress } from "@/app/[locale]/support-address";
import { SimulatedPaymentsBanner } from "@/components/layout/simulated-payments-banner";
import { SiteFooter } from "@/components/layout/site-footer";
import { SiteHeader } from "@/components/layout/site-header";
import { DEFAULT_LOCALE, isLocale } from "@/lib/locales";
import { AccountLinks } from "./account-links";
import { VisitorBanner } from "./visitor-banner";

/**
 * The public pages: static, so who is looking is found out in the browser (`viewer`). Their words
 * are the server's; the browser gets neither messages nor what formats them, which is 4 kB.
 */
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
    <>
      <VisitorBanner>
        <SimulatedPaymentsBanner />
      </VisitorBanner>
      <SiteHeader account={<AccountLinks />} />
      <main id="content" className="flex-1">
        {children}
      </main>
      <SiteFooter supportAddress={supportAddress} />
    </>
  );
}
