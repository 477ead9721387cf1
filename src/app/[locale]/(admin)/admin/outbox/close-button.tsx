"use client";

import { useTranslations } from "next-intl";
import { closeOutbox } from "@/app/actions/admin/close-outbox";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/components/use-error-text";
import { ReasonDialog } from "../users/[id]/reason-dialog";

/** Closes an entry that is beyond help, with a reason. */
export function CloseButton({ outboxId, formId }: { outboxId: string; formId: string }) {
  const t = useTranslations("admin.close");
  const reasonText = useTranslations("admin.reason");
  const errorText = useErrorText();
  const submit = async (reason: string) => {
    const answer = await closeOutbox({ id: formId, outboxId, reason });
    if (answer.serverError) return errorText(answer.serverError);
    return answer.validationErrors ? reasonText("error") : null;
  };
  return (
    <ReasonDialog
      trigger={<Button size="sm">{t("act")}</Button>}
      title={t("outboxQuestion")}
      description={t("outboxExplanation")}
      submitLabel={t("act")}
      destructive
      onSubmit={submit}
    />
  );
}
