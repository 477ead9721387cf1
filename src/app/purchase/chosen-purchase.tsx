import { useLocale, useTranslations } from "next-intl";
import { requestCurrency } from "@/app/currency/request-currency";
import { findPlan, type Item, itemName } from "@/catalog/items";
import { formatMoney } from "@/lib/formats";
import { chosenItem } from "./buy-parameter";

/** What a visitor chose before signing up, its price, and the next steps. Nothing without a choice. */
export async function ChosenPurchase({
  destination,
  step,
}: {
  /** The path that follows. */
  destination: string;
  step: "account" | "signIn";
}) {
  const item = chosenItem(destination);
  if (item === null) return null;
  return <PurchaseSteps item={item} currency={await requestCurrency()} step={step} />;
}

export function PurchaseSteps({
  item,
  currency,
  step,
}: {
  item: Item;
  currency: string;
  step: "account" | "signIn";
}) {
  const t = useTranslations("auth.chosen");
  const locale = useLocale();
  const name =
    item.kind === "pack"
      ? itemName(item.id, locale)
      : (findPlan(item.planId)?.name[locale] ?? item.id);
  const amount = item.amounts[currency];
  if (amount === undefined) return null;
  return (
    <p className="rounded-md border border-foreground/30 bg-background p-4 text-sm">
      <span className="font-medium">
        {t(item.interval ?? "once", { name, price: formatMoney(amount, currency, locale) })}
      </span>{" "}
      {t(step)}
    </p>
  );
}
