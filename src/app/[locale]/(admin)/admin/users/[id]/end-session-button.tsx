"use client";

import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { toast } from "sonner";
import { endSession } from "@/app/actions/admin/end-session";
import { Button } from "@/components/ui/button";
import { useErrorToast } from "@/components/use-error-toast";

/** Signs one device out. */
export function EndSessionButton({
  userId,
  sessionId,
  name,
  formId,
}: {
  userId: string;
  sessionId: string;
  name: string;
  formId: string;
}) {
  const t = useTranslations("admin.devices");
  const errorToast = useErrorToast();
  const [isPending, start] = useTransition();
  // Awaited here, not by a hook: the button may be gone before a hook would tell.
  const end = () =>
    start(async () => {
      const { serverError, validationErrors } = await endSession({ id: formId, userId, sessionId });
      if (serverError || validationErrors) return errorToast(serverError);
      toast.success(t("ended", { name }));
    });
  return (
    <Button size="sm" pending={isPending} aria-label={t("endOf", { name })} onClick={end}>
      {t("end")}
    </Button>
  );
}
