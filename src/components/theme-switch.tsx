"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { Button } from "@/components/ui/button";
import { DropdownMenu, DropdownMenuChoices } from "@/components/ui/dropdown-menu";

const THEMES = ["system", "light", "dark"] as const;
const ICONS = { system: Monitor, light: Sun, dark: Moon };
type Theme = (typeof THEMES)[number];

const never = () => () => {};

/** Light, dark or as the device; kept in the browser. */
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
    <DropdownMenu
      trigger={
        <Button variant="quiet" size="icon" aria-label={t("label")}>
          <Icon aria-hidden="true" />
        </Button>
      }
    >
      <DropdownMenuChoices
        label={t("label")}
        value={chosen}
        onValueChange={setTheme}
        options={THEMES.map((value) => ({ value, label: t(value) }))}
      />
    </DropdownMenu>
  );
}
