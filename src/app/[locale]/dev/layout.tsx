import { notFound } from "next/navigation";
import { setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { ClientMessages } from "@/components/layout/client-messages";
import { LocaleSwitch } from "@/components/layout/locale-switch";
import { Logo } from "@/components/layout/logo";
import { Link } from "@/components/link";
import { ThemeSwitch } from "@/components/theme/theme-switch";
import { env } from "@/env";
import { isLocale } from "@/lib/locales";

/** Development pages that replace external services. They exist only with the embedded database. */
export default async function DevLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ locale: string }>;
}) {
  const { locale } = await params;
  if (!env.QIFLOW_EMBEDDED) notFound();
  if (isLocale(locale)) setRequestLocale(locale);
  return (
    <ClientMessages namespaces={["common", "errors"]}>
      <header className="mx-auto flex h-16 w-full max-w-4xl items-center px-4 sm:px-6">
        <Link href="/" className="rounded-sm">
          <Logo />
        </Link>
        <div className="ms-auto flex items-center gap-1">
          <LocaleSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <main id="content" className="mx-auto w-full max-w-4xl flex-1 px-4 py-8 sm:px-6">
        {children}
      </main>
    </ClientMessages>
  );
}
