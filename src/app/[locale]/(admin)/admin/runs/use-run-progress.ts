"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { z } from "zod/mini";

const POLL_EVERY_MS = 1500;
const TIME_LIMIT_MS = 10_000;

const progressSchema = z.nullable(
  z.object({
    run: z.object({
      id: z.string(),
      status: z.enum(["running", "done", "failed"]),
      usersCount: z.number(),
      errorCount: z.number(),
      expiredCount: z.number(),
    }),
    schedulesLeft: z.number(),
  }),
);
export type Progress = NonNullable<z.infer<typeof progressSchema>>;

/**
 * Follows the latest run while `watching`. When it has ended the page is asked for anew, for its
 * table, and `onEnd` is called. An answer that fails to come is no end: the next one is waited for.
 */
export function useRunProgress(watching: boolean, onEnd: () => void): Progress | null {
  const router = useRouter();
  const [progress, setProgress] = useState<Progress | null>(null);
  useEffect(() => {
    if (!watching) return;
    let timer: ReturnType<typeof setTimeout>;
    let stopped = false;
    const poll = async () => {
      const answer = await ask().catch(() => undefined);
      if (stopped) return;
      if (answer) setProgress(answer);
      if (answer && answer.run.status !== "running") {
        onEnd();
        router.refresh();
      } else {
        timer = setTimeout(poll, POLL_EVERY_MS);
      }
    };
    timer = setTimeout(poll, POLL_EVERY_MS / 3);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [watching, onEnd, router]);
  return progress;
}

async function ask(): Promise<Progress | null> {
  const answer = await fetch("/api/admin/runs/latest", {
    cache: "no-store",
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  if (!answer.ok) throw new Error(`The run's route answered ${answer.status}.`);
  return progressSchema.parse(await answer.json());
}
