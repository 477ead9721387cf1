import { useTranslations } from "next-intl";
import { buttonVariants } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { StaticIcon } from "@/components/ui/static-icon";
import { ThemeSelect } from "./theme-select";

/** Selects the light, the dark or the system theme. */
export function ThemeSwitch() {
  const t = useTranslations("common.theme");
  return (
    <ThemeSelect
      label={t("label")}
      choices={{
        system: { name: t("system"), icon: <StaticIcon name="monitor" /> },
        light: { name: t("light"), icon: <StaticIcon name="sun" /> },
        dark: { name: t("dark"), icon: <StaticIcon name="moon" /> },
      }}
      className={cn(
        buttonVariants({ variant: "quiet", size: "icon" }),
        "relative has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2",
      )}
    />
  );
}
