"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "../ui/skeleton";

/** The chart's library is large, so it is loaded here alone and only in the browser. */
export const LazyMonthChart = dynamic(
  () => import("./month-chart").then((module) => module.MonthChart),
  { ssr: false, loading: () => <Skeleton className="h-72" /> },
);
