"use client";

import type { ComponentProps } from "react";
import { cn } from "./cn";
import { controlClasses } from "./control-classes";
import { useFieldControl } from "./field-context";

/** A text control of several lines. Inside a `Field` it is labelled and described by it. */
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
