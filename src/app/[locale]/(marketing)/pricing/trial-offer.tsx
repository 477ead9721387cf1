"use client";

import { addDays } from "date-fns";
import type { ReactNode } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";
import { now } from "@/lib/clock";
import { formatInstant } from "@/lib/formats";
import type { Locale } from "@/lib/locales";

/** Shows one of two server-rendered actions: the trial, unless the viewer has had one. */
export function ByTrialUsed({ offer, used }: { offer: ReactNode; used: ReactNode }) {
  return useViewer()?.trialUsed ? used : offer;
}

/**
 * States when a trial that begins today ends. The page is static, so the date is filled in once the
 * browser knows the viewer. Until then, the text has no date.
 */
export function TrialTerms({
  days,
  locale,
  texts,
}: {
  days: number;
  locale: Locale;
  /** `dated` has `<date>` in place of the date. */
  texts: { readonly dated: string; readonly undated: string };
}) {
  const isKnown = useViewer() !== null;
  if (!isKnown) return texts.undated;
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const date = formatInstant(addDays(now(), days), { locale, timeZone, style: "date" });
  return texts.dated.replaceAll("<date>", date);
}
