"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { toast } from "sonner";
import { resendOutbox } from "@/app/actions/admin/resend-outbox";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/components/use-error-text";

/** Puts the entry at the head of the queue again. */
export function ResendButton({ id }: { id: string }) {
  const t = useTranslations("admin.outbox");
  const errorText = useErrorText();
  const { execute, isPending } = useAction(resendOutbox, {
    onSuccess: () => {
      toast.success(t("queued"));
    },
    onError: ({ error }) => {
      toast.error(errorText(error.serverError ?? { code: "unexpected", details: {} }));
    },
  });
  return (
    <Button size="sm" pending={isPending} onClick={() => execute({ id })}>
      {t("resend")}
    </Button>
  );
}
