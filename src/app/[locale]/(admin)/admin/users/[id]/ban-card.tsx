"use client";

import { useTranslations } from "next-intl";
import { setBanned } from "@/app/actions/admin/set-banned";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { useErrorText } from "@/components/use-error-text";
import { ReasonDialog } from "./reason-dialog";

/** Shuts a person out, or lets them in again; credits and payments stay. */
export function BanCard({
  userId,
  banned,
  formId,
}: {
  userId: string;
  banned: boolean;
  formId: string;
}) {
  const t = useTranslations(banned ? "admin.unban" : "admin.ban");
  const reasonText = useTranslations("admin.reason");
  const errorText = useErrorText();
  const submit = async (reason: string) => {
    const answer = await setBanned({ id: formId, userId, reason, banned: !banned });
    if (answer.serverError) return errorText(answer.serverError);
    return answer.validationErrors ? reasonText("error") : null;
  };
  return (
    <Card>
      <CardHeader
        title={t("title")}
        description={t("description")}
        aside={
          <ReasonDialog
            trigger={<Button variant={banned ? "secondary" : "destructive"}>{t("act")}</Button>}
            title={t("question")}
            description={t("description")}
            submitLabel={t("act")}
            destructive={!banned}
            onSubmit={submit}
          />
        }
      />
    </Card>
  );
}
