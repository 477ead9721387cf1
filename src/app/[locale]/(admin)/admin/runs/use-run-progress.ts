"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { z } from "zod/mini";

const POLL_EVERY_MS = 1500;
const TIME_LIMIT_MS = 10_000;

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
export type Progress = z.infer<typeof progressSchema>;

/**
 * Follows one run until it has ended, then asks for the page anew, for its table. An answer that fails
 * to come is no end: the next one is waited for. Null without a run and before the first answer.
 */
export function useRunProgress(runId: string | null): Progress | null {
  const router = useRouter();
  const [progress, setProgress] = useState<Progress | null>(null);
  useEffect(() => {
    if (runId === null) return;
    let timer: ReturnType<typeof setTimeout>;
    let stopped = false;
    const poll = async () => {
      const answer = await ask(runId).catch(() => undefined);
      if (stopped) return;
      if (answer) setProgress(answer);
      if (answer && answer.run.status !== "running") router.refresh();
      else timer = setTimeout(poll, POLL_EVERY_MS);
    };
    timer = setTimeout(poll, POLL_EVERY_MS / 3);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [runId, router]);
  return progress?.run.id === runId ? progress : null;
}

async function ask(runId: string): Promise<Progress> {
  const answer = await fetch(`/api/admin/runs/${runId}`, {
    cache: "no-store",
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  if (!answer.ok) throw new Error(`The run's route answered ${answer.status}.`);
  return progressSchema.parse(await answer.json());
}
