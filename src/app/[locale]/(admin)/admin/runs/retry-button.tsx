"use client";

import { useTranslations } from "next-intl";
import { ActionButton } from "@/components/admin/action-button";
import { toast } from "@/components/toast";
import { useCreditsText } from "@/components/use-credits-text";
import { retryFailure } from "./actions";

/** Distributes to one user again and shows the outcome. */
export function RetryButton({ userId, formId }: { userId: string; formId: string }) {
  const t = useTranslations("admin.failing");
  const creditsText = useCreditsText();
  return (
    <ActionButton
      size="sm"
      action={retryFailure}
      input={{ id: formId, userId }}
      onSuccess={(data) => {
        if (data?.outcome === "failed") toast.error(t("failedAgain", { error: data.error }));
        if (data?.outcome === "granted")
          toast.success(
            data.allotments > 0
              ? t("granted", { credits: creditsText(data.credits) })
              : t("served"),
          );
      }}
    >
      {t("retry")}
    </ActionButton>
  );
}
