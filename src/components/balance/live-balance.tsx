"use client";

import { useLocale, useTranslations } from "next-intl";
import { useEffect, useSyncExternalStore } from "react";
import { cn } from "@/components/ui/cn";
import { formatCreditAmount } from "@/lib/formats";
import { Credits } from "../credits";
import type { Balance } from "./balance-store";
import { browserBalance } from "./browser-balance";

/**
 * Returns the live balance. `initial` is the balance that the server rendered; `balance-store` keeps
 * it up to date.
 */
export function useLiveBalance(initial: Balance): { balance: Balance; stale: boolean } {
  const { asOf, available, held, debt, nextExpiry } = initial;
  const expiringCredits = nextExpiry?.credits;
  const expiresAt = nextExpiry?.expiresAt;
  useEffect(() => {
    const next =
      expiringCredits === undefined || expiresAt === undefined
        ? null
        : { credits: expiringCredits, expiresAt };
    browserBalance.seed({ asOf, available, held, debt, nextExpiry: next });
  }, [asOf, available, held, debt, expiringCredits, expiresAt]);
  const state = useSyncExternalStore(browserBalance.subscribe, browserBalance.get, () => null);
  return { balance: state?.balance ?? initial, stale: state?.stale ?? false };
}

/**
 * The available credits with any debt beside them, live. Dimmed, with an explanation on hover, while
 * they are stale.
 */
export function LiveBalance({ initial, className }: { initial: Balance; className?: string }) {
  const t = useTranslations("common.balance");
  const locale = useLocale();
  const { balance, stale } = useLiveBalance(initial);
  return (
    <output
      aria-label={t("label")}
      title={stale ? t("stale") : undefined}
      className={cn(stale && "opacity-60", className)}
    >
      <Credits amount={balance.available} />
      {balance.debt > 0 && (
        <span className="block text-destructive text-xs sm:ms-2 sm:inline sm:border-s sm:ps-2">
          {t("owed", { amount: formatCreditAmount(balance.debt, locale) })}
        </span>
      )}
    </output>
  );
}
