"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { pathWithoutLocale } from "@/lib/locales";
import { Link } from "../link";
import { cn } from "../ui/cn";

const LINKS = [
  { key: "overview", href: "/admin" },
  { key: "users", href: "/admin/users" },
  { key: "payments", href: "/admin/payments" },
  { key: "withdrawals", href: "/admin/withdrawals" },
  { key: "freeCredits", href: "/admin/free-credits" },
  { key: "grants", href: "/admin/grants" },
  { key: "events", href: "/admin/events" },
  { key: "runs", href: "/admin/runs" },
  { key: "reports", href: "/admin/reports" },
  { key: "outbox", href: "/admin/outbox" },
  { key: "keys", href: "/admin/keys" },
  { key: "audit", href: "/admin/audit" },
  { key: "health", href: "/admin/health" },
] as const;

/** The console's navigation with the current page marked. `withdrawals`: whether the site offers them. */
export function AdminNav({ withdrawals }: { withdrawals: boolean }) {
  const t = useTranslations("admin.nav");
  const path = pathWithoutLocale(usePathname());
  return (
    <nav
      aria-label={t("label")}
      className="print:hidden mb-8 flex gap-1 overflow-x-auto border-b pb-3 text-sm [scrollbar-width:none]"
    >
      {LINKS.filter(({ key }) => key !== "withdrawals" || withdrawals).map(({ key, href }) => {
        const current = path === href || (href !== "/admin" && path.startsWith(`${href}/`));
        return (
          <Link
            key={key}
            href={href}
            aria-current={current ? "page" : undefined}
            className={cn(
              "flex h-8 items-center whitespace-nowrap rounded-md px-3 hover:bg-muted hover:text-foreground",
              current ? "bg-muted font-medium text-foreground" : "text-muted-foreground",
            )}
          >
            {t(key)}
          </Link>
        );
      })}
    </nav>
  );
}
