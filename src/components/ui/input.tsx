"use client";

import type { ComponentProps } from "react";
import { cn } from "./cn";
import { controlClasses, useFieldControl } from "./field";

/** A one-line text input. A surrounding `Field` labels and describes it. */
export function Input({ className, ...rest }: ComponentProps<"input">) {
  const { labelId: _, ...field } = useFieldControl() ?? { labelId: "" };
  return (
    <input
      {...field}
      {...rest}
      className={cn(controlClasses, "h-10 read-only:bg-muted", className)}
    />
  );
}
