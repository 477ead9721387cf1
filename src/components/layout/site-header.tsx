import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { PlainLink } from "../plain-link";
import { ThemeSwitch } from "../theme/theme-switch";
import { LocaleSwitch } from "./locale-switch";
import { Logo } from "./logo";

/** The header of the public pages. `account` is the content of its right end. */
export function SiteHeader({ account }: { account: ReactNode }) {
  const t = useTranslations("common.nav");
  return (
    <header className="print:hidden sticky top-0 z-30 border-b bg-background/95 backdrop-blur-sm">
      <div className="mx-auto flex h-16 max-w-6xl items-center gap-2 px-4 sm:px-6">
        <PlainLink href="/" aria-label={t("home")} className="flex rounded-sm">
          <Logo />
        </PlainLink>
        <nav aria-label={t("label")} className="ms-3 flex items-center gap-6 text-sm sm:ms-6">
          <PlainLink href="/pricing" className="text-muted-foreground hover:text-foreground">
            {t("pricing")}
          </PlainLink>
          <PlainLink
            href="/pricing#faq"
            className="hidden text-muted-foreground hover:text-foreground sm:inline"
          >
            {t("faq")}
          </PlainLink>
        </nav>
        <div className="ms-auto flex items-center gap-1">
          {/* The footer has it too. */}
          <span className="max-[359px]:hidden">
            <LocaleSwitch />
          </span>
          <span className="hidden sm:inline-flex">
            <ThemeSwitch />
          </span>
          {account}
        </div>
      </div>
    </header>
  );
}
