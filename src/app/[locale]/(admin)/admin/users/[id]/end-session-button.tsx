"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
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
  const { execute, isPending } = useAction(endSession, {
    onSuccess: () => {
      toast.success(t("ended", { name }));
    },
    onError: ({ error }) => errorToast(error.serverError),
  });
  return (
    <Button
      size="sm"
      pending={isPending}
      aria-label={t("endOf", { name })}
      onClick={() => execute({ id: formId, userId, sessionId })}
    >
      {t("end")}
    </Button>
  );
}
