"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { useState } from "react";
import { previewDistribution } from "@/app/actions/admin/preview-distribution";
import { startDistribution } from "@/app/actions/admin/start-distribution";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { useErrorToast } from "@/components/use-error-toast";
import { PreviewFigures } from "./preview-figures";
import { useRunProgress } from "./use-run-progress";

/** Dry run, start, and the run under way as it goes on. */
export function RunControls({
  runningId,
  formId,
}: {
  /** The run under way. */
  runningId: string | null;
  formId: string;
}) {
  const t = useTranslations("admin.runs");
  const errorToast = useErrorToast();
  const [watchedId, setWatchedId] = useState(runningId);
  const progress = useRunProgress(watchedId);
  const dryRun = useAction(previewDistribution, {
    onError: ({ error }) => errorToast(error.serverError),
  });
  const total = Math.max(1, (progress?.run.usersCount ?? 0) + (progress?.schedulesLeft ?? 0));
  const start = async () => {
    const { data, serverError } = await startDistribution({ id: formId });
    if (data) setWatchedId(data.runId);
    else errorToast(serverError);
  };
  return (
    <Card className="mb-8 grid gap-5">
      <div className="flex flex-wrap gap-2">
        <Button pending={dryRun.isPending} onClick={() => dryRun.execute()}>
          {t("dryRun")}
        </Button>
        <AlertDialog
          trigger={<Button variant="primary">{t("start")}</Button>}
          title={t("startQuestion")}
          description={t("startExplanation")}
          confirmLabel={t("start")}
          onConfirm={start}
        />
      </div>
      {dryRun.result.data && <PreviewFigures preview={dryRun.result.data} />}
      {progress && (
        <Progress
          label={progress.run.status === "running" ? t("running") : t("finished")}
          value={progress.run.status === "done" ? total : progress.run.usersCount}
          max={total}
          valueText={t("progress", {
            users: progress.run.usersCount,
            left: progress.schedulesLeft,
            lots: progress.run.expiredCount,
            errors: progress.run.errorCount,
          })}
        />
      )}
    </Card>
  );
}
