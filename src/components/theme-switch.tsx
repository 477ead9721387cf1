"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { buttonVariants } from "@/components/ui/button-variants";
import { cn } from "@/components/ui/cn";

const THEMES = ["system", "light", "dark"] as const;
const ICONS = { system: Monitor, light: Sun, dark: Moon };
type Theme = (typeof THEMES)[number];

const never = () => () => {};

/**
 * Light, dark or as the device; kept in the browser. The device's own list of choices under an icon:
 * it is on every public page, where a menu of our own would bring 60 kB of script.
 */
export function ThemeSwitch() {
  const t = useTranslations("common.theme");
  const { theme, setTheme } = useTheme();
  const hydrated = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const chosen: Theme = hydrated ? (THEMES.find((known) => known === theme) ?? "system") : "system";
  const Icon = ICONS[chosen];
  return (
    <span
      className={cn(
        buttonVariants({ variant: "quiet", size: "icon" }),
        "relative has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2",
      )}
    >
      <Icon aria-hidden="true" />
      <select
        aria-label={t("label")}
        title={t("label")}
        value={chosen}
        onChange={(event) => setTheme(event.target.value)}
        className="absolute inset-0 cursor-pointer appearance-none bg-popover text-base text-foreground opacity-0"
      >
        {THEMES.map((value) => (
          <option key={value} value={value}>
            {t(value)}
          </option>
        ))}
      </select>
    </span>
  );
}
