"use client";

import { type ComponentProps, type ReactNode, useState } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";
import { IntervalSwitch, type ProInterval } from "./interval-switch";

/**
 * The plans side by side, Pro by the month or by the year. The cards are the server's; here it is
 * only chosen which of the two Pro cards is shown: the visitor's own until they choose.
 */
export function PlanChoice({
  heading,
  words,
  free,
  pro,
  lifetime,
}: {
  heading: ReactNode;
  words: ComponentProps<typeof IntervalSwitch>["words"];
  free: ReactNode;
  pro: Readonly<Record<ProInterval, ReactNode>>;
  lifetime: ReactNode;
}) {
  const viewer = useViewer();
  const [chosen, choose] = useState<ProInterval | null>(null);
  const shown = chosen ?? (viewer?.planId === "pro-yearly" ? "pro-yearly" : "pro-monthly");
  return (
    <section aria-labelledby="plans">
      <div className="mb-6 flex flex-wrap items-center justify-between gap-4">
        {heading}
        <IntervalSwitch value={shown} onValueChange={choose} words={words} />
      </div>
      <div className="grid gap-4 lg:grid-cols-3">
        {free}
        {pro[shown]}
        {lifetime}
      </div>
    </section>
  );
}
