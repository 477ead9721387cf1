"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import type { ActionFailure } from "@/components/call-action";
import { FailureAlert } from "@/components/failure-alert";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { useCreditsText } from "@/components/use-credits-text";
import { useServerAction } from "@/components/use-server-action";
import { localePath } from "@/lib/locales";
import { deleteReadingAction } from "../../actions";

/** Permanently deletes the reading after confirmation and returns to the list. */
export function DeleteReadingButton({
  reading: { id, name },
  costCredits,
}: {
  reading: { id: string; name: string };
  costCredits: number;
}) {
  const t = useTranslations("bazi.reading");
  const credits = useCreditsText();
  const router = useRouter();
  const locale = useLocale();
  const { run } = useServerAction();
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const confirm = async () => {
    const outcome = await run((renderedFor) => deleteReadingAction(renderedFor, { id }));
    setFailure(outcome.failure);
    if (outcome.failure !== null) return false;
    router.replace(localePath(locale, "/bazi"));
    router.refresh();
    return true;
  };
  return (
    <AlertDialog
      trigger={<Button variant="quiet">{t("delete")}</Button>}
      title={t("deleteTitle", { name })}
      description={t("deleteBody", { cost: credits(costCredits) })}
      confirmLabel={t("deleteConfirm")}
      destructive
      onConfirm={confirm}
    >
      {failure && <FailureAlert failure={failure} text={t("deleteFailed")} />}
    </AlertDialog>
  );
}
