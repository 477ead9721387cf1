"use client";

import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useTranslations } from "next-intl";

type Interval = "pro-monthly" | "pro-yearly";

/** Monthly or yearly: two buttons of which one is pressed, a radio group to the keyboard. */
export function IntervalSwitch({
  value,
  onValueChange,
  saving,
}: {
  value: Interval;
  onValueChange: (value: Interval) => void;
  saving: string;
}) {
  const t = useTranslations("pricing.interval");
  const options = [
    { value: "pro-monthly", label: t("month"), note: null },
    { value: "pro-yearly", label: t("year"), note: saving },
  ] as const;
  return (
    <RadioGroup
      aria-label={t("label")}
      value={value}
      onValueChange={(next: Interval) => onValueChange(next)}
      className="flex rounded-md border bg-muted p-0.5 text-sm"
    >
      {options.map((option) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: Base UI puts the input inside
        <label
          key={option.value}
          className="relative flex h-9 cursor-pointer items-center gap-2 rounded-sm px-3.5 text-muted-foreground has-data-checked:bg-card has-data-checked:text-foreground has-data-checked:shadow-press has-focus-visible:outline-2 has-focus-visible:outline-ring"
        >
          <Radio.Root value={option.value} className="sr-only" />
          {option.label}
          {option.note && <span className="text-success text-xs">{option.note}</span>}
        </label>
      ))}
    </RadioGroup>
  );
}
