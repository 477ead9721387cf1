"use client";

import { Radio } from "@base-ui/react/radio";
import { RadioGroup as Base } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";
import { cn } from "./cn";
import { useFieldControl } from "./field";

interface RadioOption {
  readonly value: string;
  readonly label: ReactNode;
  readonly hint?: ReactNode;
}

/** Radio buttons in a row. A surrounding `Field` labels them. */
export function RadioGroup({
  options,
  name,
  value,
  defaultValue,
  onValueChange,
  className,
  "aria-label": ariaLabel,
}: {
  options: readonly RadioOption[];
  name?: string;
  value?: string;
  defaultValue?: string;
  onValueChange?: (value: string) => void;
  className?: string;
  "aria-label"?: string;
}) {
  const { labelId, ...control } = useFieldControl() ?? { labelId: undefined };
  return (
    <Base
      {...control}
      {...(name !== undefined && { name })}
      {...(value !== undefined && { value })}
      {...(defaultValue !== undefined && { defaultValue })}
      onValueChange={(next: string) => onValueChange?.(next)}
      aria-label={ariaLabel}
      aria-labelledby={ariaLabel === undefined ? labelId : undefined}
      className={cn("flex flex-wrap gap-x-6 gap-y-2", className)}
    >
      {options.map((option) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: Base UI puts the input inside
        <label key={option.value} className="flex items-start gap-2.5 text-sm leading-6">
          <Radio.Root
            value={option.value}
            className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-full border border-input bg-card data-checked:border-foreground data-disabled:opacity-50"
          >
            <Radio.Indicator className="size-2.5 rounded-full bg-foreground" />
          </Radio.Root>
          <span>
            {option.label}
            {option.hint && <span className="block text-muted-foreground">{option.hint}</span>}
          </span>
        </label>
      ))}
    </Base>
  );
}
