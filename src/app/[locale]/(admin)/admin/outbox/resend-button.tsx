"use client";

import { useTranslations } from "next-intl";
import { useTransition } from "react";
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
  const [isPending, start] = useTransition();
  // Awaited here, not by a hook: the button may be gone before a hook would tell.
  const resend = () =>
    start(async () => {
      const { serverError, validationErrors } = await resendOutbox({ id: formId, outboxId });
      if (serverError || validationErrors) return errorToast(serverError);
      toast.success(t("queued"));
    });
  return (
    <Button size="sm" pending={isPending} onClick={resend}>
      {t(isDone ? "sendAgain" : "resend")}
    </Button>
  );
}
