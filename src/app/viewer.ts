"use client";

import { useEffect, useSyncExternalStore } from "react";
import { z } from "zod/mini";
import { PLAN_IDS } from "@/credits/catalog";

const viewerSchema = z.object({
  signedIn: z.boolean(),
  planId: z.nullable(z.enum(PLAN_IDS)),
  simulatedPayments: z.boolean(),
});

/** Who looks at a static page, as `GET /api/viewer` answers. */
export type Viewer = z.infer<typeof viewerSchema>;

const TIME_LIMIT_MS = 8000;
let viewer: Viewer | null = null;
let asked = false;
const listeners = new Set<() => void>();

/**
 * Who is looking, or null until that is known. Static pages are the same for everybody; they ask
 * once after they are shown and stay as they are for a visitor if there is no answer.
 */
export function useViewer(): Viewer | null {
  useEffect(() => {
    if (asked) return;
    asked = true;
    void ask();
  }, []);
  return useSyncExternalStore(
    subscribe,
    () => viewer,
    () => null,
  );
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function ask(): Promise<void> {
  try {
    const answer = await fetch("/api/viewer", {
      cache: "no-store",
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    if (!answer.ok) throw new Error(`The viewer's route answered ${answer.status}.`);
    viewer = viewerSchema.parse(await answer.json());
  } catch {
    asked = false;
    return;
  }
  for (const listener of listeners) listener();
}
