import { useTranslations } from "next-intl";
import { Alert } from "@/components/ui/alert";
import { useCreditsText } from "@/components/use-credits-text";
import type { Balance } from "@/ledger/reads/balance";

/** Warns about a frozen account and about debt. */
export function AccountAlerts({ balance }: { balance: Balance }) {
  const t = useTranslations("credits");
  const credits = useCreditsText();
  return (
    <>
      {balance.frozen && (
        <Alert tone="destructive" title={t("frozen.title")} className="mb-6">
          {t("frozen.text")}
        </Alert>
      )}
      {balance.debt > 0 && (
        <Alert
          tone="warning"
          title={t("debt.title", { credits: credits(balance.debt) })}
          className="mb-6"
        >
          {t("debt.text")}
        </Alert>
      )}
    </>
  );
}
