"use client";

import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { Toaster } from "sonner";

/** Where short messages appear: call `toast.success(…)` of `sonner` anywhere below. */
export function ToastProvider() {
  const t = useTranslations("common");
  const { resolvedTheme } = useTheme();
  return (
    <Toaster
      theme={resolvedTheme === "dark" ? "dark" : "light"}
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
