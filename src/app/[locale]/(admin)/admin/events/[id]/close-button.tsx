"use client";

import { useTranslations } from "next-intl";
import { closeEvent } from "@/app/actions/admin/close-event";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/components/use-error-text";
import { ReasonDialog } from "../../users/[id]/reason-dialog";

/** Closes a dead event that is beyond help, with a reason. */
export function CloseButton({ eventId, formId }: { eventId: string; formId: string }) {
  const t = useTranslations("admin.close");
  const reasonText = useTranslations("admin.reason");
  const errorText = useErrorText();
  const submit = async (reason: string) => {
    const answer = await closeEvent({ id: formId, eventId, reason });
    if (answer.serverError) return errorText(answer.serverError);
    return answer.validationErrors ? reasonText("error") : null;
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
