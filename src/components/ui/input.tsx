"use client";

import type { ComponentProps } from "react";
import { cn } from "./cn";
import { controlClasses } from "./control-classes";
import { useFieldControl } from "./field-context";

/** A one-line text control. Inside a `Field` it is labelled and described by it. */
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
