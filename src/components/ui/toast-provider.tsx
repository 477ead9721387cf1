"use client";

import { useTranslations } from "next-intl";
import { Toaster } from "sonner";
import { useIsDark } from "@/components/theme/theme";

/** Shows toasts. Call `toast.success(…)` from `sonner` anywhere below it. */
export function ToastProvider() {
  const t = useTranslations("common");
  const isDark = useIsDark();
  return (
    <Toaster
      theme={isDark ? "dark" : "light"}
      position="bottom-right"
      containerAriaLabel={t("notices")}
      toastOptions={{
        closeButtonAriaLabel: t("actions.close"),
        classNames: {
          toast:
            "font-sans! rounded-lg! border-border! bg-card! text-card-foreground! shadow-popup!",
        },
      }}
      closeButton
    />
  );
}
