"use client";

import { Progress as Base } from "@base-ui/react/progress";
import type { ReactNode } from "react";
import { cn } from "./cn";

/** A progress bar. A `value` of null means indeterminate. */
export function Progress({
  label,
  value,
  max = 100,
  valueText,
  className,
}: {
  label: ReactNode;
  value: number | null;
  max?: number;
  /** Replaces the percentage, for example "40 of 120 users". */
  valueText?: string;
  className?: string;
}) {
  return (
    <Base.Root
      value={value}
      max={max}
      {...(valueText !== undefined && { getAriaValueText: () => valueText })}
      className={cn("grid grid-cols-[1fr_auto] gap-x-4 gap-y-2 text-sm", className)}
    >
      <Base.Label>{label}</Base.Label>
      <Base.Value className="text-muted-foreground tabular-nums">
        {(formatted) => valueText ?? formatted}
      </Base.Value>
      <Base.Track className="col-span-2 h-1.5 overflow-hidden rounded-full bg-muted">
        <Base.Indicator className="h-full bg-foreground transition-[width] duration-300 data-indeterminate:w-1/3 data-indeterminate:animate-pulse" />
      </Base.Track>
    </Base.Root>
  );
}
