/**
 * The only place that reads the time. Everything else takes `now` as an argument, so that a test
 * or the simulator's clock control decides what "now" is.
 *
 * In embedded mode an offset kept in the database is added; it is held on `globalThis` because
 * Next bundles this module more than once into one process.
 */
const holder: typeof globalThis & { qiflowClockOffsetMs?: number } = globalThis;

/** The present instant, moved by the embedded mode's offset (0 in production). */
export function now(): Date {
  return new Date(Date.now() + clockOffsetMs());
}

/**
 * A clock that begins at `start` and goes on as real time does: for work that was handed one instant
 * and takes minutes, in which leases and progress are of now and not of then.
 */
export function runningFrom(start: Date): () => Date {
  const beganMs = performance.now();
  return () => new Date(start.getTime() + performance.now() - beganMs);
}

/** By how many milliseconds the embedded mode's clock runs ahead of real time. */
export function clockOffsetMs(): number {
  return holder.qiflowClockOffsetMs ?? 0;
}

/** Sets the offset. Called in embedded mode only: at start and when the simulator's clock moves. */
export function setClockOffsetMs(offsetMs: number): void {
  if (!Number.isSafeInteger(offsetMs))
    throw new RangeError(`Clock offset ${offsetMs} is no whole number of milliseconds.`);
  holder.qiflowClockOffsetMs = offsetMs;
}
