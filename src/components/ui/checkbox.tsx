"use client";

import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check, Minus } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";

/** A checkbox with a clickable label. */
export function Checkbox({
  label,
  className,
  indeterminate,
  ...rest
}: Omit<ComponentProps<typeof Base.Root>, "className"> & { label: ReactNode; className?: string }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: Base UI puts the input inside
    <label className={cn("flex items-start gap-2.5 text-sm leading-6", className)}>
      <Base.Root
        {...rest}
        {...(indeterminate !== undefined && { indeterminate })}
        className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-sm border border-input bg-card text-background data-checked:border-foreground data-indeterminate:border-foreground data-checked:bg-foreground data-indeterminate:bg-foreground data-disabled:opacity-50"
      >
        <Base.Indicator>
          {indeterminate ? (
            <Minus aria-hidden="true" className="size-4" />
          ) : (
            <Check aria-hidden="true" className="size-4" />
          )}
        </Base.Indicator>
      </Base.Root>
      <span>{label}</span>
    </label>
  );
}
