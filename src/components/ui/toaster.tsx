"use client";

import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { Toaster as Sonner, toast } from "sonner";
import { useIsDark } from "@/components/theme/theme";
import { subscribeToToasts, takeToasts } from "@/components/toast";

/** The region of the toasts. Loaded by `ToastProvider`. */
export function Toaster() {
  const t = useTranslations("common");
  const isDark = useIsDark();
  useEffect(() => {
    const showAll = () => {
      for (const { show } of takeToasts()) show(toast);
    };
    showAll();
    return subscribeToToasts(showAll);
  }, []);
  return (
    <Sonner
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
