import { useTranslations } from "next-intl";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select, type SelectOption } from "../ui/select";

/** The search box of a `FilterForm`. `key`ed by its value: a new address shows its own. */
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

/** One of a list, of a `FilterForm`. */
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

/** Which end of a list comes first, of a `FilterForm`. */
export function OrderField({ value }: { value: "newest" | "oldest" }) {
  const t = useTranslations("admin.filter");
  const options = (["newest", "oldest"] as const).map((order) => ({
    value: order,
    label: t(order),
  }));
  return <SelectField label={t("order")} name="order" value={value} options={options} />;
}

/** A day in UTC, of a `FilterForm`. */
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
