"use client";

import { useTranslations } from "next-intl";
import { ActionButton } from "@/components/admin/action-button";
import { toast } from "@/components/toast";
import { replayEvent } from "../actions";

/** Replays the event and shows its new status. */
export function ReplayButton({ eventId, formId }: { eventId: string; formId: string }) {
  const t = useTranslations("admin.replay");
  return (
    <ActionButton
      variant="primary"
      action={replayEvent}
      input={{ id: formId, eventId }}
      onSuccess={(data) => {
        if (data === undefined) return;
        const { status } = data;
        if (status === "handled" || status === "ignored") toast.success(t(status));
        else toast.error(t(status));
      }}
    >
      {t("act")}
    </ActionButton>
  );
}
