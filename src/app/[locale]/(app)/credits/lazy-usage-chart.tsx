"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";

/** Loads the chart only in the browser, because its library is large. */
export const LazyUsageChart = dynamic(
  () => import("./usage-chart").then((module) => module.UsageChart),
  { ssr: false, loading: () => <Skeleton className="h-64" /> },
);
