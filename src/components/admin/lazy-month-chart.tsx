"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "../ui/skeleton";

/** Loads the large chart library on demand, in the browser only. */
export const LazyMonthChart = dynamic(
  () => import("./month-chart").then((module) => module.MonthChart),
  { ssr: false, loading: () => <Skeleton className="h-72" /> },
);
