import type { Chart } from "./chart";

/** Where a chart stands among its luck pillars at the instant it was made for. */
export type LuckNow =
  | { kind: "not-born" }
  | { kind: "before-first" }
  | { kind: "in-pillar"; place: number }
  | { kind: "after-last" };

/** Compares dates only: a luck pillar's first day is good to hours at best. */
export function luckNowOf(chart: Chart): LuckNow {
  if (chart.asOfAt < chart.birth.bornAt) return { kind: "not-born" };
  const today = chart.asOfAt.slice(0, 10);
  const place = chart.luck.pillars.findIndex(({ endsOn }) => today < endsOn);
  if (place === -1) return { kind: "after-last" };
  const pillar = chart.luck.pillars[place];
  if (place === 0 && pillar !== undefined && today < pillar.startsOn)
    return { kind: "before-first" };
  return { kind: "in-pillar", place };
}
