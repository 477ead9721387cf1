"use client";

import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { endSession } from "./actions";

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
  const { isPending, submit } = useServerAction();
  const press = () =>
    submit(
      () => endSession({ id: formId, userId, sessionId }),
      () => toast.success(t("ended", { name })),
    );
  return (
    <Button size="sm" pending={isPending} aria-label={t("endOf", { name })} onClick={press}>
      {t("end")}
    </Button>
  );
}
