"use client";
"use no memo";

import type { ReactNode } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";

/** Shows one of two server-rendered actions: the trial, unless the viewer has had one. */
export function ByTrialUsed({ offer, used }: { offer: ReactNode; used: ReactNode }) {
  return useViewer()?.trialUsed ? used : offer;
}

/**
 * States when a trial that begins today ends. The page is static, so the date is filled in once the
 * browser knows the viewer. Until then, the text has no date.
 */
export function TrialTerms({
  durationMs,
  dateLocale,
  texts,
}: {
  durationMs: number;
  /** One of `FORMAT_LOCALES`. The formatter would be 0.7 kB of the page's script. */
  dateLocale: string;
  /** `dated` has `<date>` in place of the date. */
  texts: { readonly dated: string; readonly undated: string };
}) {
  const isKnown = useViewer() !== null;
  if (!isKnown) return texts.undated;
  const endsAt = new Date(performance.timeOrigin + performance.now() + durationMs);
  const date = endsAt.toLocaleDateString(dateLocale, { dateStyle: "medium" });
  return texts.dated.replaceAll("<date>", date);
}
