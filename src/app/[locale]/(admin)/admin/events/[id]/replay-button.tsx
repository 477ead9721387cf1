"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { toast } from "sonner";
import { replayEvent } from "@/app/actions/admin/replay-event";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/components/use-error-text";

/** Handles the event again, at once, and says what it came to. */
export function ReplayButton({ eventId }: { eventId: string }) {
  const t = useTranslations("admin.replay");
  const errorText = useErrorText();
  const { execute, isPending } = useAction(replayEvent, {
    onSuccess: ({ data }) => {
      if (data.status === "handled" || data.status === "ignored") toast.success(t(data.status));
      else toast.error(t(data.status));
    },
    onError: ({ error }) => {
      toast.error(errorText(error.serverError ?? { code: "unexpected", details: {} }));
    },
  });
  return (
    <Button variant="primary" pending={isPending} onClick={() => execute({ eventId })}>
      {t("act")}
    </Button>
  );
}
