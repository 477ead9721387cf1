"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { Link } from "@/components/link";
import { cn } from "@/components/ui/cn";
import { pathWithoutLocale } from "@/lib/locales";

const LINKS = [
  { key: "profile", href: "/settings" },
  { key: "security", href: "/settings/security" },
  { key: "apiKeys", href: "/settings/api-keys" },
] as const;

/** The pages of the settings with the current one marked. */
export function SettingsNav() {
  const t = useTranslations("settings.nav");
  const path = pathWithoutLocale(usePathname());
  return (
    <nav aria-label={t("label")} className="mb-8 flex gap-1 border-b pb-3 text-sm">
      {LINKS.map(({ key, href }) => (
        <Link
          key={key}
          href={href}
          aria-current={path === href ? "page" : undefined}
          className={cn(
            "flex h-8 items-center whitespace-nowrap rounded-md px-3 hover:bg-muted hover:text-foreground",
            path === href ? "bg-muted font-medium text-foreground" : "text-muted-foreground",
          )}
        >
          {t(key)}
        </Link>
      ))}
    </nav>
  );
}
