/** The result of a closed loop: a fixed number of calls in flight at all times. */
export type LoopResult = {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** Calls for `seconds`, with `inFlight` calls at a time; each worker awaits its own result. */
export async function closedLoop(options: {
  readonly inFlight: number;
  readonly seconds: number;
  readonly call: (nth: number) => PromiseLike<unknown>;
}): Promise<LoopResult> {
  const { inFlight, seconds, call } = options;
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const endsMs = startedMs + seconds * 1000;
  let nth = 0;
  async function work(): Promise<void> {
    while (performance.now() < endsMs) {
      const sentMs = performance.now();
      await call(nth++);
      latenciesMs.push(performance.now() - sentMs);
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work));
  const tookSeconds = (performance.now() - startedMs) / 1000;
  latenciesMs.sort((a, b) => a - b);
  return {
    callsPerSecond: latenciesMs.length / tookSeconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}

/** Expects sorted values. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
