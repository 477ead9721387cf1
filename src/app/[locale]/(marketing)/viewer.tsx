"use client";
"use no memo"; // As in all client components of public pages: compiled memoization is a quarter of their size.

import { type ReactNode, useEffect, useSyncExternalStore } from "react";
import { RenderedForProvider } from "@/components/rendered-for";

/** The response of `GET /api/viewer`, not parsed: zod would be a tenth of the page's script. */
interface Viewer {
  readonly userId: string | null;
  readonly signedIn: boolean;
  /** The item of the viewer's plan, or the free plan's id. */
  readonly plan: string | null;
  readonly kind: "free" | "subscription" | "lifetime" | null;
  /** The currency of the viewer's subscription. */
  readonly boundCurrency: string | null;
  /** Whether the viewer has had a trial. */
  readonly trialUsed: boolean;
  /** Credits that can be spent. */
  readonly available: number;
  /** Credits that the next grants settle first. */
  readonly debt: number;
  readonly simulatedPayments: boolean;
}

const TIMEOUT_MS = 8000;
let viewer: Viewer | null = null;
let requested = false;
const listeners = new Set<() => void>();

/** Shows one of two server-rendered elements. A reader counts as a visitor until the response. */
export function ByViewer({ member, visitor }: { member: ReactNode; visitor: ReactNode }) {
  return useViewer()?.signedIn ? member : visitor;
}

/** Shows its server-rendered content on sites with simulated payments. */
export function IfPaymentsSimulated({ children }: { children: ReactNode }) {
  return useViewer()?.simulatedPayments ? children : null;
}

/**
 * Names the viewer to the actions of a static page. A page that has shown nothing about a person yet
 * counts as rendered for a guest, so that a visitor can sign in elsewhere and buy here.
 */
export function RenderedForViewer({ children }: { children: ReactNode }) {
  return <RenderedForProvider userId={useViewer()?.userId ?? null}>{children}</RenderedForProvider>;
}

/**
 * Returns who is viewing a static page; null until the response. Sends one request per page load. If
 * it fails, the page stays as it is for visitors.
 */
export function useViewer(): Viewer | null {
  useEffect(() => {
    if (requested) return;
    requested = true;
    void load();
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

async function load(): Promise<void> {
  try {
    const response = await fetch("/api/viewer", {
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(response.statusText);
    viewer = await response.json();
  } catch {
    requested = false;
    return;
  }
  for (const listener of listeners) listener();
}
