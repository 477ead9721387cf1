"use client";

import Form from "next/form";
import { useLocale, useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { LinkButton } from "@/components/ui/link-button";
import { Select } from "@/components/ui/select";
import type { CreditType } from "@/ledger/grant";
import type { LedgerAddress } from "@/ledger/reads/search-input";
import { formatInstant } from "@/lib/formats";
import type { Month } from "@/lib/local-day";
import { localePath } from "@/lib/locales";
import { isFiltered, ledgerHref } from "./ledger-links";

const ANY = "any";
const ORDERS: readonly LedgerAddress["order"][] = ["newest", "oldest"];

/**
 * Filters the ledger. A plain GET form, so the filter is part of the URL and can be bookmarked.
 * Submitting it returns to the first page.
 */
export function LedgerFilter({
  address,
  types,
  months,
}: {
  address: LedgerAddress;
  types: readonly CreditType[];
  /** The months to choose from, newest first. */
  months: readonly Month[];
}) {
  const t = useTranslations("credits");
  const locale = useLocale();
  return (
    <Form
      action={localePath(locale, "/credits")}
      scroll={false}
      role="search"
      aria-label={t("filter.label")}
      className="mb-6 grid grid-cols-2 items-end gap-3 sm:flex sm:flex-wrap"
    >
      <Choice
        label={t("filter.type")}
        name="type"
        value={address.type}
        any={t("ledger.all")}
        options={types.map((type) => ({ value: type, label: t(`types.${type}.label`) }))}
        className="col-span-2 sm:w-48"
      />
      <MonthChoice name="from" value={address.from} months={months} />
      <MonthChoice name="to" value={address.to} months={months} />
      <Field label={t("filter.order")} className="col-span-2 sm:w-40">
        <Select
          key={address.order}
          name="order"
          defaultValue={address.order}
          options={ORDERS.map((value) => ({ value, label: t(`filter.${value}`) }))}
        />
      </Field>
      <Field label={t("filter.search")} className="col-span-2 sm:min-w-48 sm:flex-1">
        <Input
          key={address.q}
          type="search"
          name="q"
          maxLength={200}
          defaultValue={address.q ?? ""}
          placeholder={t("filter.searchHint")}
        />
      </Field>
      <div className="col-span-2 flex gap-2">
        <Button type="submit">{t("filter.apply")}</Button>
        {isFiltered(address) && (
          <LinkButton href={ledgerHref({})} variant="quiet" scroll={false}>
            {t("filter.clear")}
          </LinkButton>
        )}
      </div>
    </Form>
  );
}

function MonthChoice({
  name,
  value,
  months,
}: {
  name: "from" | "to";
  value: Month | null;
  months: readonly Month[];
}) {
  const t = useTranslations("credits.filter");
  const locale = useLocale();
  const nameOf = (month: Month) =>
    formatInstant(new Date(`${month}-01T00:00:00Z`), { locale, timeZone: "UTC", style: "month" });
  const known = value === null || months.includes(value) ? months : [value, ...months];
  return (
    <Choice
      label={t(name)}
      name={name}
      value={value}
      any={t("anyMonth")}
      options={known.map((month) => ({ value: month, label: nameOf(month) }))}
      className="sm:w-40"
    />
  );
}

function Choice({
  label,
  name,
  value,
  any,
  options,
  className,
}: {
  label: string;
  name: string;
  value: string | null;
  any: string;
  options: readonly { value: string; label: string }[];
  className: string;
}) {
  return (
    <Field label={label} className={className}>
      <Select
        key={value}
        name={name}
        defaultValue={value ?? ANY}
        options={[{ value: ANY, label: any }, ...options]}
      />
    </Field>
  );
}
