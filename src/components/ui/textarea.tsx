"use client";

import type { ComponentProps } from "react";
import { cn } from "./cn";
import { controlClasses, useFieldControl } from "./field";

/** A multi-line text input. A surrounding `Field` labels and describes it. */
export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  const { labelId: _, ...field } = useFieldControl() ?? { labelId: "" };
  return (
    <textarea
      {...field}
      {...rest}
      className={cn(controlClasses, "min-h-24 py-2 read-only:bg-muted", className)}
    />
  );
}
