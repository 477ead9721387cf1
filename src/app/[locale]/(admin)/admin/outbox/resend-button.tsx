"use client";

import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { resendOutbox } from "./actions";

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
  const { isPending, submit } = useServerAction();
  const press = () =>
    submit(
      () => resendOutbox({ id: formId, outboxId }),
      () => toast.success(t("queued")),
    );
  return (
    <Button size="sm" pending={isPending} onClick={press}>
      {t(isDone ? "sendAgain" : "resend")}
    </Button>
  );
}
