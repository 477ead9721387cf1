"use client";

import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { useCreditsText } from "@/components/use-credits-text";
import { useServerAction } from "@/components/use-server-action";
import { retryFailure } from "./actions";

/** Tries once more to give one user what is due. */
export function RetryButton({ userId, formId }: { userId: string; formId: string }) {
  const t = useTranslations("admin.failing");
  const creditsText = useCreditsText();
  const { isPending, submit } = useServerAction();
  const press = () =>
    submit(
      () => retryFailure({ id: formId, userId }),
      (answer) => {
        if (answer?.outcome === "failed") toast.error(t("failedAgain", { error: answer.error }));
        if (answer?.outcome === "granted") {
          toast.success(
            answer.allotments > 0
              ? t("granted", { credits: creditsText(answer.credits) })
              : t("served"),
          );
        }
      },
    );
  return (
    <Button size="sm" pending={isPending} onClick={press}>
      {t("retry")}
    </Button>
  );
}
