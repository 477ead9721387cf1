import { useTranslations } from "next-intl";
import { setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { supportAddress } from "@/app/[locale]/support-address";
import { SimulatedPaymentsBanner } from "@/components/layout/simulated-payments-banner";
import { SiteFooter } from "@/components/layout/site-footer";
import { SiteHeader } from "@/components/layout/site-header";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { localeOf } from "@/lib/locales";
import { ByViewer, IfPaymentsSimulated, RenderedForViewer } from "./viewer";

/**
 * The public pages. They are static, so the browser finds out who is viewing (see `viewer`). Texts
 * come from the server; the browser gets no messages and no formatter, which saves 4 kB.
 */
export default async function MarketingLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ locale: string }>;
}) {
  const { locale } = await params;
  setRequestLocale(localeOf(locale));
  return (
    <RenderedForViewer>
      <SiteHeader account={<AccountLinks />} />
      <main id="content" className="flex-1">
        {children}
      </main>
      <SiteFooter supportAddress={supportAddress} />
      <IfPaymentsSimulated>
        {/* At the end, because it appears after the page is shown and must not move it. */}
        <div className="sticky bottom-0 z-40 border-t">
          <SimulatedPaymentsBanner />
        </div>
      </IfPaymentsSimulated>
    </RenderedForViewer>
  );
}

/** Links to sign in and sign up, or to the dashboard. */
function AccountLinks() {
  const t = useTranslations("common.nav");
  return (
    <ByViewer
      member={
        <PlainLinkButton href="/dashboard" size="sm" className="ms-1">
          {t("dashboard")}
        </PlainLinkButton>
      }
      visitor={
        <>
          <PlainLinkButton href="/sign-in" variant="quiet" size="sm">
            {t("signIn")}
          </PlainLinkButton>
          <span className="hidden md:inline">
            <PlainLinkButton href="/sign-up" size="sm" className="ms-1">
              {t("signUp")}
            </PlainLinkButton>
          </span>
        </>
      }
    />
  );
}
