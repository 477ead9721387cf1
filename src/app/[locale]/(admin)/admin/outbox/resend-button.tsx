"use client";

import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { resendOutbox } from "@/app/actions/admin/resend-outbox";
import { useActionButton } from "@/components/admin/use-action-button";
import { Button } from "@/components/ui/button";

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
  const { isPending, press } = useActionButton(
    () => resendOutbox({ id: formId, outboxId }),
    () => toast.success(t("queued")),
  );
  return (
    <Button size="sm" pending={isPending} onClick={press}>
      {t(isDone ? "sendAgain" : "resend")}
    </Button>
  );
}
