"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import type { ActionFailure } from "@/components/call-action";
import { FailureAlert } from "@/components/failure-alert";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { deleteSavedBirthAction } from "../../actions";

export function DeleteSavedBirthButton() {
  const t = useTranslations("bazi.list");
  const router = useRouter();
  const { run } = useServerAction();
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const [isPending, startTransition] = useTransition();
  const deleteBirth = () =>
    startTransition(async () => {
      const outcome = await run((renderedFor) => deleteSavedBirthAction(renderedFor, undefined));
      setFailure(outcome.failure);
      if (outcome.failure === null) router.refresh();
    });
  return (
    <span className="grid justify-items-end gap-1">
      <Button variant="quiet" size="sm" onClick={deleteBirth} pending={isPending}>
        {t("profileDelete")}
      </Button>
      {failure && <FailureAlert failure={failure} text={t("profileDeleteFailed")} />}
    </span>
  );
}
