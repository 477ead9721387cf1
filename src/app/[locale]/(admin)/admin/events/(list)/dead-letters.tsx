"use client";

import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { replayDeadEvents } from "@/app/actions/admin/replay-dead-events";
import { addressOf } from "@/components/admin/address";
import { Alert } from "@/components/ui/alert";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";
import { useErrorText } from "@/components/use-error-text";

/** The dead-letter queue: how many wait, a look at them, and one more try for all. */
export function DeadLetters({ count }: { count: number }) {
  const t = useTranslations("admin.deadLetters");
  const errorText = useErrorText();
  const replayAll = async () => {
    const { data, serverError } = await replayDeadEvents();
    if (serverError) toast.error(errorText(serverError));
    if (data === undefined) return;
    const { complete, ...figures } = data;
    toast.success(t(complete ? "done" : "partlyDone", figures));
  };
  return (
    <Alert tone="warning" title={t("title", { count })} className="mb-6">
      <p>{t("text")}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        <LinkButton href={addressOf("/admin/events", { status: "dead" })} size="sm">
          {t("show")}
        </LinkButton>
        <AlertDialog
          trigger={<Button size="sm">{t("replayAll")}</Button>}
          title={t("question", { count })}
          description={t("explanation")}
          confirmLabel={t("replayAll")}
          onConfirm={replayAll}
        />
      </div>
    </Alert>
  );
}
