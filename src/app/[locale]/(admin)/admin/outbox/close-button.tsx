"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { ReasonDialog } from "../users/[id]/reason-dialog";
import { closeOutbox } from "./actions";

/** Closes an entry that is beyond help, with a reason. */
export function CloseButton({ outboxId, formId }: { outboxId: string; formId: string }) {
  const t = useTranslations("admin.close");
  const reasonText = useTranslations("admin.reason");
  const { run } = useServerAction();
  const submit = async (reason: string) => {
    const { failure } = await run(() => closeOutbox({ id: formId, outboxId, reason }));
    return failure?.code === "invalid_input" ? reasonText("error") : (failure?.text ?? null);
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
