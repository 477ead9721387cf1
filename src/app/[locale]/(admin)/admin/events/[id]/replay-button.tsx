"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { toast } from "sonner";
import { replayEvent } from "@/app/actions/admin/replay-event";
import { Button } from "@/components/ui/button";
import { useErrorToast } from "@/components/use-error-toast";

/** Handles the event again, at once, and says what it came to. */
export function ReplayButton({ eventId, formId }: { eventId: string; formId: string }) {
  const t = useTranslations("admin.replay");
  const errorToast = useErrorToast();
  const { execute, isPending } = useAction(replayEvent, {
    onSuccess: ({ data }) => {
      if (data.status === "handled" || data.status === "ignored") toast.success(t(data.status));
      else toast.error(t(data.status));
    },
    onError: ({ error }) => errorToast(error.serverError),
  });
  return (
    <Button variant="primary" pending={isPending} onClick={() => execute({ id: formId, eventId })}>
      {t("act")}
    </Button>
  );
}
