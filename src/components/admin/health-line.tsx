"use client";

import { CircleAlert } from "lucide-react";
import { usePathname } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { z } from "zod/mini";
import type { Problem } from "@/jobs/health";
import { SENTENCE_GAP } from "@/lib/formats";
import { Link } from "../link";

const TIMEOUT_MS = 8_000;
const responseSchema = z.object({ problems: z.array(z.string()) });

/**
 * One line on every page of the console while a health check fails. `initial` is rendered by the server;
 * each navigation loads the problems again, because Next.js keeps the layout. `texts` describes each problem.
 */
export function HealthLine({
  initial,
  texts,
}: {
  initial: readonly Problem[];
  texts: Readonly<Record<string, string>>;
}) {
  const t = useTranslations("admin.health");
  const locale = useLocale();
  const path = usePathname();
  const firstPath = useRef(path);
  const [problems, setProblems] = useState<readonly string[]>(initial);
  useEffect(() => {
    if (firstPath.current === path) return;
    firstPath.current = "";
    const stop = new AbortController();
    loadProblems(stop.signal).then(setProblems, () => {});
    return () => stop.abort();
  }, [path]);
  const [worst, ...others] = problems;
  if (worst === undefined) return null;
  return (
    <p
      role="status"
      className="print:hidden -mt-4 mb-8 flex items-center gap-2 rounded-md border border-destructive/40 bg-card px-3 py-2 text-sm"
    >
      <CircleAlert aria-hidden="true" className="size-4 shrink-0 text-destructive" />
      <span className="min-w-0 flex-1">
        {texts[worst] ?? worst}
        {others.length > 0 && SENTENCE_GAP[locale] + t("more", { count: others.length })}
      </span>
      <Link href="/admin/health" className="whitespace-nowrap underline underline-offset-4">
        {t("view")}
      </Link>
    </p>
  );
}

async function loadProblems(signal: AbortSignal): Promise<string[]> {
  const response = await fetch("/api/health", {
    cache: "no-store",
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  return responseSchema.parse(await response.json()).problems;
}
