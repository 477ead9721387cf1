import { useLocale, useTranslations } from "next-intl";
import { ITEMS, itemName } from "@/catalog/items";
import { LiveBalance } from "@/components/balance/live-balance";
import { toLiveBalance } from "@/components/balance/to-live-balance";
import { LocaleSwitch } from "@/components/layout/locale-switch";
import { Logo } from "@/components/layout/logo";
import { Link } from "@/components/link";
import { ThemeSwitch } from "@/components/theme/theme-switch";
import type { Balance } from "@/ledger/reads/balance";
import { NoticesBell } from "./notices/notices-bell";
import { UserMenu } from "./user-menu";

/** The header of the signed-in app, with the live balance. */
export function AppHeader({
  user,
  balance,
  asOf,
}: {
  user: { name: string; email: string; isAdmin: boolean };
  balance: Balance;
  asOf: Date;
}) {
  const t = useTranslations("common");
  const locale = useLocale();
  const itemNames = Object.fromEntries(ITEMS.map(({ id }) => [id, itemName(id, locale)]));
  return (
    <header className="mx-auto flex h-14 w-full max-w-6xl items-center gap-1 px-4 sm:px-6">
      <Link href="/dashboard" aria-label={t("nav.start")} className="flex rounded-sm">
        <Logo />
      </Link>
      <div className="ms-auto flex items-center gap-1">
        <Link
          href="/credits"
          className="me-1 flex min-h-8 items-center rounded-md border bg-card px-2 font-medium text-sm leading-tight hover:bg-muted min-[360px]:px-3"
        >
          <LiveBalance initial={toLiveBalance(balance, asOf)} />
        </Link>
        <span className="hidden sm:inline-flex">
          <LocaleSwitch />
        </span>
        <NoticesBell itemNames={itemNames} />
        <span className="hidden sm:inline-flex">
          <ThemeSwitch />
        </span>
        <UserMenu {...user} />
      </div>
    </header>
  );
}
