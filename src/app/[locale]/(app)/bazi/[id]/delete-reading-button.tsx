"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/ui/alert";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { useCreditsText } from "@/components/use-credits-text";
import { useServerAction } from "@/components/use-server-action";
import { localePath } from "@/lib/locales";
import { deleteReadingAction } from "../actions";

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
  const [hasFailed, setHasFailed] = useState(false);
  const confirm = async () => {
    const { failure } = await run(() => deleteReadingAction({ id }));
    setHasFailed(failure !== null);
    if (failure !== null) return false;
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
