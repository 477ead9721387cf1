import { useLocale, useTranslations } from "next-intl";
import { CurrencySelect } from "@/app/currency/shown-currency";
import { CURRENCIES } from "@/catalog/items";
import { currencyName } from "@/lib/formats";

/** Names the currency of all prices, with a choice if the catalogue has several. */
export function CurrencyLine() {
  const t = useTranslations("pricing.currency");
  const locale = useLocale();
  const [only = "", ...others] = CURRENCIES;
  if (others.length === 0) {
    return (
      <p className="text-muted-foreground text-sm">
        {t("only", { currency: currencyName(only, locale) })} {t("taxes")}
      </p>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-muted-foreground text-sm">
      <CurrencySelect
        label={t("label")}
        options={CURRENCIES.map((currency) => ({
          currency,
          name: t("option", {
            code: currency.toUpperCase(),
            name: currencyName(currency, locale),
          }),
        }))}
      />
      {t("taxes")}
    </div>
  );
}
