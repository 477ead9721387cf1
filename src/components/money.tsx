import { useLocale } from "next-intl";
import { cn } from "@/components/ui/cn";
import { formatMoney } from "@/lib/formats";

/** An amount of money with its currency. `amountCents` is in the currency's smallest unit. */
export function Money({
  amountCents,
  currency,
  className,
}: {
  amountCents: number;
  currency: string;
  className?: string;
}) {
  return (
    <span className={cn("whitespace-nowrap tabular-nums", className)}>
      {formatMoney(amountCents, currency, useLocale())}
    </span>
  );
}
