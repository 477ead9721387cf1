import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { buttonVariants } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { ThemeSelect } from "./theme-select";

/** Selects the light, the dark or the system theme. */
export function ThemeSwitch() {
  const t = useTranslations("common.theme");
  return (
    <ThemeSelect
      label={t("label")}
      choices={{
        system: { name: t("system"), icon: <Monitor aria-hidden="true" /> },
        light: { name: t("light"), icon: <Sun aria-hidden="true" /> },
        dark: { name: t("dark"), icon: <Moon aria-hidden="true" /> },
      }}
      className={cn(
        buttonVariants({ variant: "quiet", size: "icon" }),
        "relative has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2",
      )}
    />
  );
}
