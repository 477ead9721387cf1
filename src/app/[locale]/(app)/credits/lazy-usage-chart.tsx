"use client";

import dynamic from "next/dynamic";
import { type ComponentProps, useEffect, useRef, useState } from "react";
import { Skeleton } from "@/components/ui/skeleton";

const UsageChart = dynamic(() => import("./usage-chart").then((module) => module.UsageChart), {
  ssr: false,
  loading: () => <Skeleton className="h-64" />,
});

/** Loads the chart when the reader comes near it, because its library is large. */
export function LazyUsageChart(chart: ComponentProps<typeof UsageChart>) {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (place.current === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) setNear(true);
      },
      { rootMargin: "100px" },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place}>{isNear ? <UsageChart {...chart} /> : <Skeleton className="h-64" />}</div>
  );
}
