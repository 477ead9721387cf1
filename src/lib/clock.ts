/**
 * The only module that reads the time. Everything else takes `now` as an argument, so that a test
 * or the simulator decides what "now" is.
 *
 * Embedded mode adds an offset that is stored in the database. It is held on `globalThis` because
 * Next bundles this module more than once into one process.
 */
const holder: typeof globalThis & { qiflowClockOffsetMs?: number } = globalThis;

/** Returns the current time plus the embedded mode's offset, which is 0 in production. */
export function now(): Date {
  return new Date(Date.now() + clockOffsetMs());
}

/** Returns the machine's time, which better-auth uses: sessions and codes expire in real time. */
export function machineNow(): Date {
  return new Date();
}

/**
 * Returns a clock that starts at `start` and advances in real time. For long work that is given one
 * instant, but whose leases and progress must use the current time.
 */
export function runningFrom(start: Date): () => Date {
  const startedAtMs = performance.now();
  return () => new Date(start.getTime() + performance.now() - startedAtMs);
}

/** Returns how far the embedded mode's clock is ahead of real time. */
export function clockOffsetMs(): number {
  return holder.qiflowClockOffsetMs ?? 0;
}

/** Sets the offset. Called in embedded mode only: at start, and when the simulator's clock moves. */
export function setClockOffsetMs(offsetMs: number): void {
  if (!Number.isSafeInteger(offsetMs)) {
    throw new RangeError(`The clock offset ${offsetMs} is not a whole number of milliseconds.`);
  }
  holder.qiflowClockOffsetMs = offsetMs;
}
