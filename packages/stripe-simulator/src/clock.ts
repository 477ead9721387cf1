/** The simulator's time: real time plus an offset that only grows. */
export class SimulatedClock {
  constructor(public offsetMs = 0) {}

  nowMs(): number {
    return Date.now() + this.offsetMs;
  }

  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  /** Moves forward until now is at least `instantMs`. Returns whether it had to move. */
  moveTo(instantMs: number): boolean {
    const behindMs = instantMs - this.nowMs();
    if (behindMs <= 0) {
      return false;
    }
    this.offsetMs += behindMs;
    return true;
  }
}

export interface Distance {
  ms?: number;
  days?: number;
  months?: number;
  years?: number;
}

/** Returns the instant `distance` after `fromMs`, in UTC, clamped to the end of the month. */
export function later(fromMs: number, distance: Distance): number {
  const months = (distance.months ?? 0) + 12 * (distance.years ?? 0);
  return addMonths(fromMs, months) + (distance.days ?? 0) * 86_400_000 + (distance.ms ?? 0);
}

/** Adds calendar months in UTC: 31 January plus one month is 28 or 29 February. */
export function addMonths(fromMs: number, months: number): number {
  const from = new Date(fromMs);
  const result = new Date(fromMs);
  result.setUTCDate(1);
  result.setUTCMonth(from.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(result.getUTCFullYear(), result.getUTCMonth() + 1, 0));
  result.setUTCDate(Math.min(from.getUTCDate(), lastDay.getUTCDate()));
  return result.getTime();
}

/**
 * Returns the first instant after `after` that is a whole number of the price's intervals after
 * `anchor` (seconds).
 */
export function nextPeriodEnd(
  anchor: number,
  after: number,
  { recurring }: { recurring: { interval: string } | null },
): number {
  const months = recurring?.interval === "year" ? 12 : 1;
  for (let n = 1; ; n += 1) {
    const end = addMonths(anchor * 1000, n * months) / 1000;
    if (end > after) {
      return end;
    }
  }
}
