"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { NextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import type { Balance } from "@/components/balance/balance-store";
import { useLiveBalance } from "@/components/balance/live-balance";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Card } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { Stat } from "@/components/ui/stat";
import { useCreditsText } from "@/components/use-credits-text";

/** The live balance, the next expiry and the next monthly credits. */
export function BalanceCard({
  initial,
  nextMonth,
  cost,
}: {
  initial: Balance;
  nextMonth: NextMonthlyCredits | null;
  /** The cost of the product's main feature, in credits. */
  cost: number;
}) {
  const t = useTranslations("dashboard");
  const common = useTranslations("common.balance");
  const product = useTranslations("product");
  const credits = useCreditsText();
  const { balance } = useLiveBalance(initial);
  const uses = Math.floor(balance.available / cost);
  return (
    <Card>
      <div className="grid gap-8 md:grid-cols-[1.3fr_1fr_1fr] md:divide-x md:[&>div+div]:ps-8">
        <div className="grid content-start gap-3">
          <dl>
            <Stat
              label={t("balance.title")}
              note={
                <>
                  {product("enough", { uses })}
                  {balance.debt > 0 && (
                    <span className="block text-destructive">
                      {common("debt", { credits: credits(balance.debt) })}
                    </span>
                  )}
                  {balance.held > 0 && (
                    <span className="block">
                      {t("balance.held", { credits: credits(balance.held) })}
                    </span>
                  )}
                </>
              }
            >
              <output className="text-4xl sm:text-5xl">
                <Credits amount={balance.available} />
              </output>
            </Stat>
          </dl>
          <LinkButton href="/pricing#packs" className="mt-2 justify-self-start" size="sm">
            {t("actions.buy")}
          </LinkButton>
        </div>
        <Coming
          label={t("balance.expires")}
          none={t("balance.expiresNothing")}
          coming={
            balance.nextExpiry && {
              credits: balance.nextExpiry.credits,
              at: balance.nextExpiry.expiresAt,
            }
          }
        />
        <Coming
          label={t("balance.allotment")}
          none={t("balance.allotmentNone")}
          coming={nextMonth && { credits: nextMonth.credits, at: nextMonth.dueAt }}
          how={nextMonth?.how}
        />
      </div>
    </Card>
  );
}

function Coming({
  label,
  none,
  coming,
  how = "on",
}: {
  label: ReactNode;
  none: ReactNode;
  coming: { credits: number; at: string | Date } | null;
  how?: NextMonthlyCredits["how"] | undefined;
}) {
  const t = useTranslations("dashboard.balance");
  return (
    <div>
      <dl>
        {coming === null ? (
          <Stat label={label}>
            <span className="text-base text-muted-foreground tracking-normal">{none}</span>
          </Stat>
        ) : (
          <Stat
            label={label}
            note={t.rich(how, { date: () => <DateTime instant={coming.at} kind="date-time" /> })}
          >
            <Credits amount={coming.credits} />
          </Stat>
        )}
      </dl>
    </div>
  );
}
