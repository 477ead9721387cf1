import { useTranslations } from "next-intl";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Stat, StatList } from "@/components/ui/stat";
import type { Balance } from "@/ledger/reads/balance";

/** Available, held and owed credits, and the next expiry. */
export function BalanceStats({ balance, className }: { balance: Balance; className?: string }) {
  const t = useTranslations("admin.user");
  return (
    <StatList {...(className !== undefined && { className })}>
      <Stat label={t("available")}>
        <Credits amount={Math.max(0, balance.available)} />
      </Stat>
      <Stat label={t("held")}>
        <Credits amount={balance.held} />
      </Stat>
      <Stat label={t("debt")}>
        <Credits amount={balance.debt} />
      </Stat>
      {balance.nextExpiry && (
        <Stat label={t("nextExpiry")} note={<DateTime instant={balance.nextExpiry.expiresAt} />}>
          <Credits amount={balance.nextExpiry.credits} />
        </Stat>
      )}
    </StatList>
  );
}
