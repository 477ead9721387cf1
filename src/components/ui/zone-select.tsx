"use client";

import type { ComponentProps } from "react";
import { controlClasses } from "./control-classes";
import { useFieldControl } from "./field-context";

/**
 * A time zone out of some 400. The platform's own list: it opens at once, is searched by typing, and
 * a phone shows it as it shows all long lists.
 */
export function ZoneSelect({
  zones,
  placeholder,
  ...select
}: Pick<ComponentProps<"select">, "name" | "defaultValue" | "value" | "onChange"> & {
  zones: readonly string[];
  /** What stands there as long as nothing is chosen. */
  placeholder?: string;
}) {
  const { labelId: _, ...control } = useFieldControl() ?? { labelId: "" };
  return (
    <select {...control} {...select} className={`${controlClasses} h-10`}>
      {placeholder !== undefined && <option value="">{placeholder}</option>}
      {zones.map((zone) => (
        <option key={zone} value={zone}>
          {zone.replaceAll("_", " ")}
        </option>
      ))}
    </select>
  );
}
