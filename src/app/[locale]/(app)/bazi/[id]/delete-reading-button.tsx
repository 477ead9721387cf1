"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { deleteReadingAction } from "@/app/actions/delete-reading";
import { Alert } from "@/components/ui/alert";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { useCreditsText } from "@/components/use-credits-text";
import { localePath } from "@/lib/locales";

/** Deletes the reading for good, after asking, and goes back to the list. */
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
  const [hasFailed, setHasFailed] = useState(false);
  const confirm = async () => {
    const answer = await deleteReadingAction({ id }).catch(() => undefined);
    const isDone = answer !== undefined && answer.serverError === undefined;
    setHasFailed(!isDone);
    if (!isDone) return false;
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
      {hasFailed && <Alert tone="destructive">{t("deleteFailed")}</Alert>}
    </AlertDialog>
  );
}
