"use client";

import { Switch as Base } from "@base-ui/react/switch";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn";

/** An on/off setting that takes effect immediately, with a label and a hint. */
export function Switch({
  label,
  hint,
  className,
  ...rest
}: Omit<ComponentProps<typeof Base.Root>, "className"> & {
  label: ReactNode;
  hint?: ReactNode;
  className?: string;
}) {
  const id = useId();
  return (
    <div className={cn("flex items-start justify-between gap-4", className)}>
      <div className="grid gap-0.5">
        <span id={`${id}-label`} className="font-medium text-sm">
          {label}
        </span>
        {hint && (
          <span id={`${id}-hint`} className="text-muted-foreground text-sm">
            {hint}
          </span>
        )}
      </div>
      <Base.Root
        {...rest}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="relative h-6 w-11 shrink-0 rounded-full border border-input bg-muted transition-colors data-checked:border-foreground data-checked:bg-foreground data-disabled:opacity-50"
      >
        <Base.Thumb className="block size-4 translate-x-1 rounded-full bg-muted-foreground transition-transform data-checked:translate-x-[1.375rem] data-checked:bg-background" />
      </Base.Root>
    </div>
  );
}
