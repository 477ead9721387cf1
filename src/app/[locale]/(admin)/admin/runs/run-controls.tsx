"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { useServerAction } from "@/components/use-server-action";
import { previewDistribution, startDistribution } from "./actions";
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
  const { isPending, run, submit } = useServerAction();
  const [watchedId, setWatchedId] = useState(runningId);
  const progress = useRunProgress(watchedId);
  const [preview, setPreview] = useState<Awaited<ReturnType<typeof previewDistribution>>["data"]>();
  const total = Math.max(1, (progress?.run.usersCount ?? 0) + (progress?.schedulesLeft ?? 0));
  const start = async () => {
    const { data, failure } = await run(() => startDistribution({ id: formId }));
    if (data) setWatchedId(data.runId);
    if (failure) toast.error(failure.text);
  };
  return (
    <Card className="mb-8 grid gap-5">
      <div className="flex flex-wrap gap-2">
        <Button
          pending={isPending}
          onClick={() =>
            submit(
              () => previewDistribution(),
              (result) => setPreview(result),
            )
          }
        >
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
      {preview && <PreviewFigures preview={preview} />}
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
