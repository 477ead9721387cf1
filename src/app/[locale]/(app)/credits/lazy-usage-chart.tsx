"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";

/** The chart's library is large, so it is loaded here alone and only in the browser. */
export const LazyUsageChart = dynamic(
  () => import("./usage-chart").then((module) => module.UsageChart),
  { ssr: false, loading: () => <Skeleton className="h-64" /> },
);
