"use client";

import { useTranslations } from "next-intl";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { unfreezeAccount } from "./actions";
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
  const { run } = useServerAction();
  const unfreeze = async (why: string) => {
    const { failure } = await run(() => unfreezeAccount({ id: formId, userId, reason: why }));
    return failure?.code === "invalid_input" ? reasonText("error") : (failure?.text ?? null);
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
