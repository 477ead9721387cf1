"use client";

import { useTranslations } from "next-intl";
import { unfreezeAccount } from "@/app/actions/admin/unfreeze-account";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/components/use-error-text";
import { ReasonDialog } from "./reason-dialog";

/** Tells that the account may not spend, since when and why, and lets an admin end that. */
export function FrozenNotice({
  userId,
  formId,
  frozenAt,
  reason,
}: {
  userId: string;
  formId: string;
  frozenAt: Date;
  reason: string | null;
}) {
  const t = useTranslations("admin.frozen");
  const reasonText = useTranslations("admin.reason");
  const errorText = useErrorText();
  const unfreeze = async (why: string) => {
    const answer = await unfreezeAccount({ id: formId, userId, reason: why });
    if (answer.serverError) return errorText(answer.serverError);
    return answer.validationErrors ? reasonText("error") : null;
  };
  return (
    <Alert
      tone="warning"
      title={t("title")}
      action={
        <ReasonDialog
          trigger={<Button size="sm">{t("unfreeze")}</Button>}
          title={t("question")}
          description={t("explanation")}
          submitLabel={t("unfreeze")}
          destructive={false}
          onSubmit={unfreeze}
        />
      }
    >
      <DateTime instant={frozenAt} />
      {reason && ` · ${reason}`}
    </Alert>
  );
}
