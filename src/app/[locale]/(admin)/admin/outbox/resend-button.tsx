"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { toast } from "sonner";
import { resendOutbox } from "@/app/actions/admin/resend-outbox";
import { Button } from "@/components/ui/button";
import { useErrorToast } from "@/components/use-error-toast";

/** Puts the entry at the head of the queue again, or sends again what was sent. */
export function ResendButton({
  outboxId,
  formId,
  isDone,
}: {
  outboxId: string;
  formId: string;
  isDone: boolean;
}) {
  const t = useTranslations("admin.outbox");
  const errorToast = useErrorToast();
  const { execute, isPending } = useAction(resendOutbox, {
    onSuccess: () => {
      toast.success(t("queued"));
    },
    onError: ({ error }) => errorToast(error.serverError),
  });
  return (
    <Button size="sm" pending={isPending} onClick={() => execute({ id: formId, outboxId })}>
      {t(isDone ? "sendAgain" : "resend")}
    </Button>
  );
}
