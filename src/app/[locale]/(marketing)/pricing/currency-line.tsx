import { useLocale, useTranslations } from "next-intl";
import { CURRENCIES } from "@/catalog/items";
import { currencyName, SENTENCE_GAP } from "@/lib/formats";

/** Names the currency of all prices, with a choice if the catalogue has several. */
export function CurrencyLine() {
  const t = useTranslations("pricing.currency");
  const locale = useLocale();
  const [only = "", ...others] = CURRENCIES;
  if (others.length === 0) {
    return (
      <p className="text-muted-foreground text-sm">
        {t("only", { currency: currencyName(only, locale) })}
        {SENTENCE_GAP[locale]}
        {t("taxes")}
      </p>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-muted-foreground text-sm">
      <label className="flex items-center gap-2">
        {t("label")}
        {/* Uncontrolled: /currency.js selects the visitor's currency and handles a change. */}
        <select data-currency-choice className="h-9 rounded-md border bg-card px-3 text-foreground">
          {CURRENCIES.map((currency) => (
            <option key={currency} value={currency}>
              {t("option", {
                code: currency.toUpperCase(),
                name: currencyName(currency, locale),
              })}
            </option>
          ))}
        </select>
      </label>
      {t("taxes")}
    </div>
  );
}
