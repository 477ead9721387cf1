"use client";

import { useEffect, useSyncExternalStore } from "react";
import { PLAN_IDS, type PlanId } from "@/catalog/catalog";

/** Who looks at a static page, as `GET /api/viewer` answers. */
export interface Viewer {
  readonly signedIn: boolean;
  readonly planId: PlanId | null;
  readonly simulatedPayments: boolean;
}

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
    viewer = viewerOf(await answer.json());
  } catch {
    asked = false;
    return;
  }
  for (const listener of listeners) listener();
}

/** By hand: on a static page zod would be a tenth of all script. Our own route; a doubt is a "no". */
function viewerOf(answer: unknown): Viewer {
  const facts = new Map<string, unknown>(
    Object.entries(typeof answer === "object" && answer !== null ? answer : {}),
  );
  return {
    signedIn: facts.get("signedIn") === true,
    planId: PLAN_IDS.find((id) => id === facts.get("planId")) ?? null,
    simulatedPayments: facts.get("simulatedPayments") === true,
  };
}
