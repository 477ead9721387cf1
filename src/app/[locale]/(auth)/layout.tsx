import { setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { supportAddress } from "@/app/[locale]/support-address";
import { ClientMessages } from "@/components/layout/client-messages";
import { LocaleSwitch } from "@/components/layout/locale-switch";
import { Logo } from "@/components/layout/logo";
import { SiteFooter } from "@/components/layout/site-footer";
import { PlainLink } from "@/components/plain-link";
import { ThemeSwitch } from "@/components/theme/theme-switch";
import { isLocale } from "@/lib/locales";

/** The authentication pages: one card without the navigation of the site. */
export default async function AuthLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ locale: string }>;
}) {
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  return (
    <ClientMessages namespaces={["common", "errors", "auth"]}>
      <header className="mx-auto flex h-16 w-full max-w-6xl items-center px-4 sm:px-6">
        <PlainLink href="/" className="rounded-sm">
          <Logo />
        </PlainLink>
        <div className="ms-auto flex items-center gap-1">
          <LocaleSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <main
        id="content"
        className="grid flex-1 items-start justify-items-center px-4 py-10 sm:py-16"
      >
        {children}
      </main>
      <SiteFooter supportAddress={supportAddress} />
    </ClientMessages>
  );
}
