"use client";

import { useTranslations } from "next-intl";
import { hrefOf } from "@/components/admin/hrefs";
import { useCountText } from "@/components/admin/use-count-text";
import { toast } from "@/components/toast";
import { Alert } from "@/components/ui/alert";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";
import { useServerAction } from "@/components/use-server-action";
import { replayDeadEvents } from "../actions";

/** The number of dead events, a link to them and a button that replays all. */
export function DeadLetters({ count, formId }: { count: number; formId: string }) {
  const t = useTranslations("admin.deadLetters");
  const { run, showFailure } = useServerAction();
  const counted = { count, countText: useCountText()(count) };
  const replayAll = async () => {
    const { data, failure } = await run((renderedFor) =>
      replayDeadEvents(renderedFor, { id: formId }),
    );
    if (failure !== null) return showFailure(failure);
    if (!data) return void toast.info(t("repeated"));
    const { complete, ...figures } = data;
    toast.success(t(complete ? "done" : "partlyDone", figures));
  };
  return (
    <Alert tone="warning" title={t("title", counted)} className="mb-6">
      <p>{t("text")}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        <LinkButton href={hrefOf("/admin/events", { status: "dead" })} size="sm">
          {t("show")}
        </LinkButton>
        <AlertDialog
          trigger={<Button size="sm">{t("replayAll")}</Button>}
          title={t("question", counted)}
          description={t("explanation")}
          confirmLabel={t("replayAll")}
          onConfirm={replayAll}
        />
      </div>
    </Alert>
  );
}
