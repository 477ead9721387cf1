"use client";
"use no memo";

import type { ReactNode } from "react";
import { setTheme, THEMES, type Theme, useTheme } from "./theme";

/**
 * A native `select` under an icon. It is on every public page, where a custom menu would add 60 kB of
 * script. Labels and icons come from the server for the same reason.
 */
export function ThemeSelect({
  label,
  choices,
  className,
}: {
  label: string;
  choices: Readonly<Record<Theme, { name: string; icon: ReactNode }>>;
  className: string;
}) {
  const chosen = useTheme() ?? "system";
  return (
    <span className={className}>
      {choices[chosen].icon}
      <select
        aria-label={label}
        title={label}
        value={chosen}
        onChange={(event) => setTheme(event.target.value)}
        className="absolute inset-0 cursor-pointer appearance-none bg-popover text-base text-foreground opacity-0"
      >
        {THEMES.map((theme) => (
          <option key={theme} value={theme}>
            {choices[theme].name}
          </option>
        ))}
      </select>
    </span>
  );
}
