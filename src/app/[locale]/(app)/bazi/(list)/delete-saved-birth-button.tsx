"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { deleteSavedBirthAction } from "../actions";

export function DeleteSavedBirthButton() {
  const t = useTranslations("bazi.list");
  const router = useRouter();
  const { run } = useServerAction();
  const [hasFailed, setHasFailed] = useState(false);
  const [isPending, startTransition] = useTransition();
  const deleteBirth = () =>
    startTransition(async () => {
      const { failure } = await run(() => deleteSavedBirthAction());
      setHasFailed(failure !== null);
      if (failure === null) router.refresh();
    });
  return (
    <span className="grid justify-items-end gap-1">
      <Button variant="quiet" size="sm" onClick={deleteBirth} pending={isPending}>
        {t("profileForget")}
      </Button>
      {hasFailed && (
        <span role="alert" className="text-destructive text-sm">
          {t("profileForgetFailed")}
        </span>
      )}
    </span>
  );
}
