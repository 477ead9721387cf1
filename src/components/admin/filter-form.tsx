import Form from "next/form";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { localePath } from "@/lib/locales";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { LinkButton } from "../ui/link-button";
import { Select, type SelectOption } from "../ui/select";

/**
 * Filters of a list as a GET form: they work without scripts, can be bookmarked and always lead to the
 * first page.
 */
export function FilterForm({
  path,
  filtered,
  children,
}: {
  path: string;
  /** Whether to show the link that clears the filters. */
  filtered: boolean;
  children: ReactNode;
}) {
  const t = useTranslations("admin.filter");
  return (
    <Form
      action={localePath(useLocale(), path)}
      role="search"
      className="mb-6 flex flex-wrap items-end gap-3"
    >
      {children}
      <Button type="submit">{t("apply")}</Button>
      {filtered && (
        <LinkButton href={path} variant="quiet">
          {t("clear")}
        </LinkButton>
      )}
    </Form>
  );
}

/** The search input of a `FilterForm`. The `key` resets the input when the URL changes. */
export function SearchField({
  label,
  placeholder,
  value,
}: {
  label: string;
  placeholder: string;
  value: string;
}) {
  return (
    <Field label={label} className="min-w-56 flex-1 sm:max-w-sm">
      <Input key={value} type="search" name="q" defaultValue={value} placeholder={placeholder} />
    </Field>
  );
}

export function SelectField({
  label,
  name,
  value,
  options,
}: {
  label: string;
  name: string;
  value: string;
  options: readonly SelectOption[];
}) {
  return (
    <Field label={label} className="w-40">
      <Select key={value} name={name} defaultValue={value} options={options} />
    </Field>
  );
}

export function OrderField({ value }: { value: "newest" | "oldest" }) {
  const t = useTranslations("admin.filter");
  const options = (["newest", "oldest"] as const).map((order) => ({
    value: order,
    label: t(order),
  }));
  return <SelectField label={t("order")} name="order" value={value} options={options} />;
}

/** A day in UTC. */
export function DayField({
  label,
  name,
  value,
}: {
  label: string;
  name: string;
  value: string | undefined;
}) {
  return (
    <Field label={label} className="w-44">
      <Input key={value} type="date" name={name} defaultValue={value} />
    </Field>
  );
}
