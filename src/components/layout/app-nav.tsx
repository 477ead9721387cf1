"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "@/components/ui/cn";
import { pathWithoutLocale } from "@/lib/locales";
import { Link } from "../link";

export interface NavPage {
  readonly href: string;
  readonly label: string;
}

/** The navigation of the signed-in app. It scrolls horizontally on phones. */
export function AppNav({
  productPages,
  isAdmin,
}: {
  productPages: readonly NavPage[];
  isAdmin: boolean;
}) {
  const t = useTranslations("common.nav");
  const path = pathWithoutLocale(usePathname());
  const pages: NavPage[] = [
    { href: "/dashboard", label: t("dashboard") },
    ...productPages,
    { href: "/credits", label: t("credits") },
    { href: "/billing", label: t("billing") },
    { href: "/settings", label: t("settings") },
  ];
  if (isAdmin) pages.push({ href: "/admin", label: t("admin") });
  return (
    <nav
      aria-label={t("label")}
      className="mx-auto flex w-full max-w-6xl gap-4 overflow-x-auto sm:gap-6 px-4 text-sm [scrollbar-width:none] sm:px-6"
    >
      {pages.map(({ href, label }) => {
        const current = path === href || path.startsWith(`${href}/`);
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? "page" : undefined}
            className={cn(
              "flex h-11 items-center whitespace-nowrap border-b-2",
              current
                ? "border-foreground font-medium text-foreground"
                : "border-transparent text-muted-foreground hover:text-foreground",
            )}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
