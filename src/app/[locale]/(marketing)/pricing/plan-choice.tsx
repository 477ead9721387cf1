"use client";

import { type ReactNode, useState } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";
import type { PlanId } from "@/catalog/catalog";

type ProInterval = "pro-monthly" | "pro-yearly";

interface IntervalTexts {
  readonly label: string;
  readonly month: string;
  readonly year: string;
  readonly saving: string;
}

/**
 * Lays out the server-rendered plan cards and selects one of the two Pro cards. The viewer's own
 * interval is the default.
 */
export function PlanChoice({
  heading,
  texts,
  free,
  pro,
  lifetime,
}: {
  heading: ReactNode;
  texts: IntervalTexts;
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
        <IntervalSwitch value={shown} onValueChange={choose} texts={texts} />
      </div>
      <div className="grid gap-4 lg:grid-cols-3">
        {free}
        {pro[shown]}
        {lifetime}
      </div>
    </section>
  );
}

/**
 * Shows one of three server-rendered actions, by the plan that the viewer has. A Pro member manages
 * the subscription instead of buying the other interval.
 */
export function PlanAction({
  planId,
  buy,
  manage,
  inside,
}: {
  planId: PlanId;
  buy: ReactNode;
  manage: ReactNode;
  /** For the free plan of a signed-in viewer. */
  inside: ReactNode;
}) {
  const viewer = useViewer();
  if (planId === "free") return viewer?.signedIn ? inside : buy;
  const current = viewer?.planId ?? null;
  const subscribed = current === "pro-monthly" || current === "pro-yearly";
  return current === planId || (subscribed && planId !== "lifetime") ? manage : buy;
}

/** Shows its server-rendered content on the viewer's own plan. */
export function IfCurrentPlan({ planId, children }: { planId: PlanId; children: ReactNode }) {
  return useViewer()?.planId === planId ? children : null;
}

/** Looks like two buttons and is a radio group. */
function IntervalSwitch({
  value,
  onValueChange,
  texts,
}: {
  value: ProInterval;
  onValueChange: (value: ProInterval) => void;
  texts: IntervalTexts;
}) {
  const options = [
    { value: "pro-monthly", label: texts.month, note: null },
    { value: "pro-yearly", label: texts.year, note: texts.saving },
  ] as const;
  return (
    <fieldset className="flex rounded-md border bg-muted p-0.5 text-sm">
      <legend className="sr-only">{texts.label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex h-9 cursor-pointer items-center gap-2 rounded-sm px-3.5 text-muted-foreground has-checked:bg-card has-checked:text-foreground has-checked:shadow-press has-focus-visible:outline-2 has-focus-visible:outline-ring"
        >
          <input
            type="radio"
            name="interval"
            value={option.value}
            checked={value === option.value}
            onChange={() => onValueChange(option.value)}
            className="sr-only"
          />
          {option.label}
          {option.note && <span className="text-success text-xs">{option.note}</span>}
        </label>
      ))}
    </fieldset>
  );
}
