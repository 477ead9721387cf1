import { useTranslations } from "next-intl";
import { StaticIcon } from "@/components/ui/static-icon";

/** States that payments are simulated. Shown on every page while Stripe is the simulator. */
export function SimulatedPaymentsBanner() {
  const t = useTranslations("common");
  return (
    <aside className="print:hidden flex items-center justify-center gap-2 border-b bg-muted px-4 py-1.5 text-center text-muted-foreground text-xs">
      <StaticIcon name="flask" className="size-3.5 shrink-0" />
      <p>{t("simulatedPayments")}</p>
    </aside>
  );
}
