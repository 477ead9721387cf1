import { dayName } from "@/lib/utc-period";
import type { Chart, LuckPillar } from "./chart";

/** Where a chart stands among its luck pillars at an instant. */
export type LuckNow =
  | { kind: "not-born" }
  | { kind: "before-first" }
  | { kind: "in-pillar"; place: number }
  | { kind: "after-last" };

/** Compares dates only: a luck pillar's first day is good to hours at best. */
export function luckNowOf(chart: Chart, now: Date): LuckNow {
  if (now < new Date(chart.birth.bornAt)) return { kind: "not-born" };
  const today = dayName(now);
  const place = chart.luck.pillars.findIndex(({ endsOn }) => today < endsOn);
  if (place === -1) return { kind: "after-last" };
  const pillar = chart.luck.pillars[place];
  if (place === 0 && pillar !== undefined && today < pillar.startsOn)
    return { kind: "before-first" };
  return { kind: "in-pillar", place };
}

/** The luck pillar that runs at an instant; null before the first and after the last. */
export function luckPillarAt(chart: Chart, instant: Date): LuckPillar | null {
  const now = luckNowOf(chart, instant);
  return now.kind === "in-pillar" ? (chart.luck.pillars[now.place] ?? null) : null;
}
