"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "@/components/ui/cn";
import { pathWithoutLocale } from "@/lib/locales";
import { Link } from "../link";

const PAGES = [
  { key: "dashboard", href: "/dashboard" },
  { key: "readings", href: "/bazi" },
  { key: "credits", href: "/credits" },
  { key: "billing", href: "/billing" },
  { key: "settings", href: "/settings" },
] as const;

/** The navigation of the signed-in app. It scrolls horizontally on phones. */
export function AppNav({ isAdmin }: { isAdmin: boolean }) {
  const t = useTranslations("common.nav");
  const path = pathWithoutLocale(usePathname());
  const pages = isAdmin ? [...PAGES, { key: "admin", href: "/admin" } as const] : PAGES;
  return (
    <nav
      aria-label={t("label")}
      className="mx-auto flex w-full max-w-6xl gap-4 overflow-x-auto sm:gap-6 px-4 text-sm [scrollbar-width:none] sm:px-6"
    >
      {pages.map(({ key, href }) => {
        const current = path === href || path.startsWith(`${href}/`);
        return (
          <Link
            key={key}
            href={href}
            aria-current={current ? "page" : undefined}
            className={cn(
              "flex h-11 items-center whitespace-nowrap border-b-2",
              current
                ? "border-foreground font-medium text-foreground"
                : "border-transparent text-muted-foreground hover:text-foreground",
            )}
          >
            {t(key)}
          </Link>
        );
      })}
    </nav>
  );
}
