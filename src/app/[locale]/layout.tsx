import "../globals.css";
import type { Metadata, Viewport } from "next";
import localFont from "next/font/local";
import { notFound } from "next/navigation";
import { getTranslations, setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { CurrencyOfPages } from "@/app/currency/by-currency";
import { SkipLink } from "@/components/layout/skip-link";
import { ThemeScript } from "@/components/theme/theme-script";
import { env } from "@/env";
import { isLocale, LOCALES, localeOf } from "@/lib/locales";

/** Optional: a font that arrives late is used from the next page on, so that no text moves. */
const geist = localFont({
  src: "../../../node_modules/geist/dist/fonts/geist-sans/Geist-Variable.woff2",
  variable: "--font-geist-sans",
  weight: "100 900",
  display: "optional",
});

interface Props {
  children: ReactNode;
  params: Promise<{ locale: string }>;
}

export function generateStaticParams() {
  return LOCALES.map((locale) => ({ locale }));
}

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f9f7f2" },
    { media: "(prefers-color-scheme: dark)", color: "#14110e" },
  ],
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "product" });
  return {
    metadataBase: new URL(env.APP_URL),
    title: { default: t("title"), template: "%s · QiFlow" },
    description: t("description"),
    applicationName: "QiFlow",
    openGraph: {
      siteName: "QiFlow",
      type: "website",
      locale: locale.replace("-", "_"),
      images: [{ url: `/social/${locale}.png`, width: 1200, height: 630, alt: t("title") }],
    },
    twitter: { card: "summary_large_image" },
    formatDetection: { telephone: false, date: false, address: false, email: false },
  };
}

export default async function LocaleLayout({ children, params }: Props) {
  const { locale } = await params;
  setRequestLocale(localeOf(locale));
  if (!isLocale(locale)) notFound();
  return (
    <html
      lang={locale}
      data-scroll-behavior="smooth"
      className={geist.variable}
      // /theme.js sets the class of the theme before hydration, /currency.js the currency.
      suppressHydrationWarning
    >
      <body className="flex min-h-dvh flex-col">
        <ThemeScript />
        <CurrencyOfPages />
        <SkipLink />
        {children}
      </body>
    </html>
  );
}
