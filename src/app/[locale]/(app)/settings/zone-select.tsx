"use client";

import { controlClasses } from "@/components/ui/control-classes";
import { useFieldControl } from "@/components/ui/field-context";

/**
 * A time zone out of some 400. The platform's own list: it opens at once, is searched by typing, and
 * a phone shows it as it shows all long lists.
 */
export function ZoneSelect({
  name,
  defaultValue,
  zones,
}: {
  name: string;
  defaultValue: string;
  zones: readonly string[];
}) {
  const { labelId: _, ...control } = useFieldControl() ?? { labelId: "" };
  return (
    <select
      {...control}
      name={name}
      defaultValue={defaultValue}
      className={`${controlClasses} h-10`}
    >
      {zones.map((zone) => (
        <option key={zone} value={zone}>
          {zone.replaceAll("_", " ")}
        </option>
      ))}
    </select>
  );
}
