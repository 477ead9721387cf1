import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { buttonVariants } from "@/components/ui/button-variants";
import { cn } from "@/components/ui/cn";
import { ThemeSelect } from "./theme-select";

/** Light, dark or as the device; kept in the browser. */
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
