"use client";

import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { toast } from "sonner";
import { replayEvent } from "@/app/actions/admin/replay-event";
import { Button } from "@/components/ui/button";
import { useErrorToast } from "@/components/use-error-toast";

/** Handles the event again, at once, and says what it came to. */
export function ReplayButton({ eventId, formId }: { eventId: string; formId: string }) {
  const t = useTranslations("admin.replay");
  const errorToast = useErrorToast();
  const [isPending, start] = useTransition();
  // Awaited here, not by a hook: the button may be gone before a hook would tell.
  const replay = () =>
    start(async () => {
      const { data, serverError } = await replayEvent({ id: formId, eventId });
      if (data === undefined) return errorToast(serverError);
      if (data.status === "handled" || data.status === "ignored") toast.success(t(data.status));
      else toast.error(t(data.status));
    });
  return (
    <Button variant="primary" pending={isPending} onClick={replay}>
      {t("act")}
    </Button>
  );
}
