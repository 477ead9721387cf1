"use client";
"use no memo";

import { type ReactNode, useState } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";

type PaidEvery = "month" | "year";

interface IntervalTexts {
  readonly label: string;
  readonly month: string;
  readonly year: string;
  readonly saving: ReactNode;
}

/** A plan's cards. A plan that is paid once, or is free, has one under `fixed`. */
interface PlanCards {
  readonly planId: string;
  readonly fixed?: ReactNode;
  readonly month?: ReactNode;
  readonly year?: ReactNode;
}

/**
 * Lays out the server-rendered plan cards, with a switch between months and years if a plan has both.
 * The viewer's own interval is the default. A subscriber sees the plans in the subscription's currency.
 */
export function PlanChoice({
  heading,
  texts,
  plans,
  yearlyItems,
  boundNotes,
}: {
  heading: ReactNode;
  texts: IntervalTexts;
  plans: readonly PlanCards[];
  yearlyItems: readonly string[];
  /** Why plans are shown in this currency. Empty if the catalogue has one currency only. */
  boundNotes: Readonly<Record<string, string>>;
}) {
  const viewer = useViewer();
  const [chosen, choose] = useState<PaidEvery | null>(null);
  const shown = chosen ?? (yearlyItems.includes(viewer?.plan ?? "") ? "year" : "month");
  const hasChoice = plans.some(({ month, year }) => month !== undefined && year !== undefined);
  const bound = viewer?.boundCurrency ?? "";
  const boundNote = boundNotes[bound];
  return (
    <section aria-labelledby="plans" data-currency={boundNote && bound}>
      <div className="mb-6 flex flex-wrap items-center justify-between gap-4">
        {heading}
        {hasChoice && <IntervalSwitch value={shown} onValueChange={choose} texts={texts} />}
      </div>
      <div className="grid gap-4 lg:auto-cols-fr lg:grid-flow-col">
        {plans.map(({ planId, fixed, month, year }) => (
          <div key={planId} className="grid">
            {shown === "year" ? (year ?? month) : (month ?? year)}
            {fixed}
          </div>
        ))}
      </div>
      {boundNote && <p className="mt-4 text-muted-foreground text-sm">{boundNote}</p>}
    </section>
  );
}

/**
 * Shows one of three server-rendered actions, by the plan that the viewer has. A subscriber manages
 * the subscription instead of buying another one.
 */
export function PlanAction({
  item,
  kind,
  buy,
  manage,
  inside,
}: {
  item: string;
  kind: "free" | "subscription" | "lifetime";
  buy: ReactNode;
  manage: ReactNode;
  /** For the free plan of a signed-in viewer. */
  inside: ReactNode;
}) {
  const viewer = useViewer();
  if (kind === "free") return viewer?.signedIn ? inside : buy;
  const isSubscribed = viewer?.kind === "subscription" && kind === "subscription";
  return viewer?.plan === item || isSubscribed ? manage : buy;
}

/** Shows its server-rendered content on the viewer's own plan. */
export function IfCurrentPlan({ item, children }: { item: string; children: ReactNode }) {
  return useViewer()?.plan === item ? children : null;
}

/** Looks like two buttons and is a radio group. */
function IntervalSwitch({
  value,
  onValueChange,
  texts,
}: {
  value: PaidEvery;
  onValueChange: (value: PaidEvery) => void;
  texts: IntervalTexts;
}) {
  const options = [
    { value: "month", label: texts.month, note: null },
    { value: "year", label: texts.year, note: texts.saving },
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
