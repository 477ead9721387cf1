"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { toast } from "sonner";
import { retryFailing } from "@/app/actions/admin/retry-failing";
import { Button } from "@/components/ui/button";
import { useCreditsText } from "@/components/use-credits-text";
import { useErrorToast } from "@/components/use-error-toast";

/** Tries once more to give one user what is due. */
export function RetryButton({ userId, formId }: { userId: string; formId: string }) {
  const t = useTranslations("admin.failing");
  const creditsText = useCreditsText();
  const errorToast = useErrorToast();
  const { execute, isPending } = useAction(retryFailing, {
    onSuccess: ({ data }) => {
      if (data.outcome === "failed") toast.error(t("failedAgain", { error: data.error }));
      if (data.outcome === "granted") {
        toast.success(
          data.allotments > 0 ? t("granted", { credits: creditsText(data.credits) }) : t("served"),
        );
      }
    },
    onError: ({ error }) => errorToast(error.serverError),
  });
  return (
    <Button size="sm" pending={isPending} onClick={() => execute({ id: formId, userId })}>
      {t("retry")}
    </Button>
  );
}
