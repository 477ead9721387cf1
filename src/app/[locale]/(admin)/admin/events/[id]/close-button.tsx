"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { ReasonDialog } from "../../users/[id]/reason-dialog";
import { closeEvent } from "../actions";

/** Closes a dead event that is beyond help, with a reason. */
export function CloseButton({ eventId, formId }: { eventId: string; formId: string }) {
  const t = useTranslations("admin.close");
  const reasonText = useTranslations("admin.reason");
  const { run } = useServerAction();
  const submit = async (reason: string) => {
    const { failure } = await run(() => closeEvent({ id: formId, eventId, reason }));
    return failure?.code === "invalid_input" ? reasonText("error") : (failure?.text ?? null);
  };
  return (
    <ReasonDialog
      trigger={<Button>{t("act")}</Button>}
      title={t("eventQuestion")}
      description={t("eventExplanation")}
      submitLabel={t("act")}
      destructive
      onSubmit={submit}
    />
  );
}
