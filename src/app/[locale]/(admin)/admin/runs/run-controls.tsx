"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { z } from "zod/mini";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { useServerAction } from "@/components/use-server-action";
import { previewDistribution, startDistribution } from "./actions";
import { RunPreview } from "./run-preview";

/** Dry run, start button and the progress of the running distribution. */
export function RunControls({ runningId, formId }: { runningId: string | null; formId: string }) {
  const t = useTranslations("admin.runs");
  const { isPending, run, submit, showFailure } = useServerAction();
  const [watchedId, setWatchedId] = useState(runningId);
  const progress = useRunProgress(watchedId);
  const [preview, setPreview] = useState<Awaited<ReturnType<typeof previewDistribution>>["data"]>();
  const total = Math.max(1, (progress?.run.usersCount ?? 0) + (progress?.schedulesLeft ?? 0));
  const start = async () => {
    const { data, failure } = await run((renderedFor) =>
      startDistribution(renderedFor, { id: formId }),
    );
    if (data) {
      setWatchedId(data.runId);
      // The run grants what the dry run showed.
      setPreview(undefined);
    }
    if (failure) showFailure(failure);
  };
  return (
    <Card className="mb-8 grid gap-5">
      <div className="flex flex-wrap gap-2">
        <Button
          pending={isPending}
          onClick={() =>
            submit(
              (renderedFor) => previewDistribution(renderedFor, undefined),
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
      {preview && <RunPreview preview={preview} />}
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

const POLL_MS = 1_500;
const TIMEOUT_MS = 10_000;

const progressSchema = z.object({
  run: z.object({
    id: z.string(),
    status: z.enum(["running", "done", "failed"]),
    usersCount: z.number(),
    errorCount: z.number(),
    expiredCount: z.number(),
  }),
  schedulesLeft: z.number(),
});
type RunProgress = z.infer<typeof progressSchema>;

/**
 * Polls a run until it ends, then refreshes the page. A failed poll is repeated. Returns null without a
 * run and before the first response.
 */
function useRunProgress(runId: string | null): RunProgress | null {
  const router = useRouter();
  const [progress, setProgress] = useState<RunProgress | null>(null);
  useEffect(() => {
    if (runId === null) return;
    let timer: ReturnType<typeof setTimeout>;
    let stopped = false;
    const poll = async () => {
      const polled = await fetchProgress(runId).catch(() => undefined);
      if (stopped) return;
      if (polled) setProgress(polled);
      if (polled && polled.run.status !== "running") router.refresh();
      else timer = setTimeout(poll, POLL_MS);
    };
    timer = setTimeout(poll, POLL_MS / 3);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [runId, router]);
  return progress?.run.id === runId ? progress : null;
}

async function fetchProgress(runId: string): Promise<RunProgress> {
  const response = await fetch(`/api/admin/runs/${runId}`, {
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`The run's route responded with ${response.status}.`);
  return progressSchema.parse(await response.json());
}
