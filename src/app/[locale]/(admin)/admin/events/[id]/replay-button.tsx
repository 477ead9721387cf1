"use client";

import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { replayEvent } from "../actions";

/** Handles the event again, at once, and says what it came to. */
export function ReplayButton({ eventId, formId }: { eventId: string; formId: string }) {
  const t = useTranslations("admin.replay");
  const { isPending, submit } = useServerAction();
  const press = () =>
    submit(
      () => replayEvent({ id: formId, eventId }),
      (answer) => {
        if (answer === undefined) return;
        const { status } = answer;
        if (status === "handled" || status === "ignored") toast.success(t(status));
        else toast.error(t(status));
      },
    );
  return (
    <Button variant="primary" pending={isPending} onClick={press}>
      {t("act")}
    </Button>
  );
}
