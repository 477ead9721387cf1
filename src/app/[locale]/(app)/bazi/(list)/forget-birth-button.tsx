"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { forgetBirthAction } from "@/app/actions/forget-birth";
import { Button } from "@/components/ui/button";

export function ForgetBirthButton() {
  const t = useTranslations("bazi.list");
  const router = useRouter();
  const [hasFailed, setHasFailed] = useState(false);
  const [isPending, startTransition] = useTransition();
  const forget = () =>
    startTransition(async () => {
      const answer = await forgetBirthAction().catch(() => undefined);
      const isDone = answer !== undefined && answer.serverError === undefined;
      setHasFailed(!isDone);
      if (isDone) router.refresh();
    });
  return (
    <span className="grid justify-items-end gap-1">
      <Button variant="quiet" size="sm" onClick={forget} pending={isPending}>
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
