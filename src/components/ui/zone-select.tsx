"use client";

import type { ComponentProps } from "react";
import type { TimeZoneOption } from "@/lib/time-zones";
import { controlClasses, useFieldControl } from "./field";

/**
 * Selects one of some 400 time zones. A native `select`: it opens instantly, is searchable by typing
 * and uses the picker of the phone.
 */
export function ZoneSelect({
  zones,
  placeholder,
  ...select
}: Pick<ComponentProps<"select">, "name" | "defaultValue" | "value" | "onChange"> & {
  zones: readonly TimeZoneOption[];
  /** Shown while nothing is selected. */
  placeholder?: string;
}) {
  const { labelId: _, ...control } = useFieldControl() ?? { labelId: "" };
  return (
    <select {...control} {...select} className={`${controlClasses} h-10`}>
      {placeholder !== undefined && <option value="">{placeholder}</option>}
      {zones.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}
