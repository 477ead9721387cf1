import { useLocale, useTranslations } from "next-intl";
import { type PaymentKind, type PaymentsFilter, REVERSAL_FILTERS } from "@/admin/payments";
import { itemName } from "@/catalog/items";
import { DayField, OrderField, SearchField, SelectField } from "@/components/admin/filter-form";

/** The filters of the payments list, with the items and currencies that occur in payments. */
export function PaymentFilters({
  filter,
  kinds,
}: {
  filter: Omit<PaymentsFilter, "older" | "newer">;
  kinds: readonly PaymentKind[];
}) {
  const t = useTranslations("admin.payments");
  const locale = useLocale();
  const items = [...new Set(kinds.map((kind) => kind.item))];
  const currencies = [...new Set(kinds.map((kind) => kind.currency))].sort();
  return (
    <>
      <SearchField label={t("search")} placeholder={t("searchHint")} value={filter.q} />
      <SelectField
        label={t("item")}
        name="item"
        value={filter.item || "any"}
        options={[
          { value: "any", label: t("anyItem") },
          ...withChosen(items, filter.item).map((value) => ({
            value,
            label: itemName(value, locale),
          })),
        ]}
      />
      <SelectField
        label={t("currency")}
        name="currency"
        value={filter.currency || "any"}
        options={[
          { value: "any", label: t("anyCurrency") },
          ...withChosen(currencies, filter.currency).map((value) => ({
            value,
            label: value.toUpperCase(),
          })),
        ]}
      />
      <SelectField
        label={t("back")}
        name="back"
        value={filter.back}
        options={REVERSAL_FILTERS.map((value) => ({ value, label: t(`backs.${value}`) }))}
      />
      <DayField label={t("from")} name="from" value={filter.from} />
      <DayField label={t("to")} name="to" value={filter.to} />
      <OrderField value={filter.order} />
    </>
  );
}

/** Adds the chosen value, so that a filter from a URL shows even if no payment matches it. */
function withChosen(values: readonly string[], chosen: string): readonly string[] {
  return chosen === "" || values.includes(chosen) ? values : [...values, chosen];
}
