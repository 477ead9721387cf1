import { useLocale, useTranslations } from "next-intl";
import { cn } from "@/components/ui/cn";
import { formatCreditAmount } from "@/lib/formats";

/** An amount of credits with its unit. `signed` shows + or −. */
export function Credits({
  amount,
  signed = false,
  className,
}: {
  amount: number;
  signed?: boolean;
  className?: string;
}) {
  const t = useTranslations("common");
  const amountText = formatCreditAmount(amount, useLocale(), { signed });
  return (
    <span className={cn("whitespace-nowrap tabular-nums", className)}>
      {t.rich("creditsSplit", {
        amount: Math.abs(amount),
        amountText,
        n: (figures) => <span>{figures}</span>,
        u: (unit) => (
          <span className="font-normal text-[clamp(0.75rem,0.6em,1.25rem)] text-muted-foreground tracking-normal">
            {unit}
          </span>
        ),
      })}
    </span>
  );
}
