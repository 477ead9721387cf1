"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { useServerAction } from "@/components/use-server-action";
import { setBanned } from "./actions";
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
  const { run } = useServerAction();
  const submit = async (reason: string) => {
    const { failure } = await run(() => setBanned({ id: formId, userId, reason, banned: !banned }));
    return failure?.code === "invalid_input" ? reasonText("error") : (failure?.text ?? null);
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
