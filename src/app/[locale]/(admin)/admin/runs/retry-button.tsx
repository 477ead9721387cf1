"use client";

import { useTranslations } from "next-intl";
import { useTransition } from "react";
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
  const [isPending, start] = useTransition();
  // Awaited here, not by a hook: a user who was served is gone from the list, and the button with it,
  // before a hook would tell.
  const retry = () =>
    start(async () => {
      const { data, serverError } = await retryFailing({ id: formId, userId });
      if (data === undefined) return errorToast(serverError);
      if (data.outcome === "failed") toast.error(t("failedAgain", { error: data.error }));
      if (data.outcome === "granted") {
        toast.success(
          data.allotments > 0 ? t("granted", { credits: creditsText(data.credits) }) : t("served"),
        );
      }
    });
  return (
    <Button size="sm" pending={isPending} onClick={retry}>
      {t("retry")}
    </Button>
  );
}
