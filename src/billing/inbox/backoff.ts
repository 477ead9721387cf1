const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What is tried this often, over at least `DEAD_AFTER_HOURS`, is given up and shown to an admin. */
export const DEAD_AFTER_ATTEMPTS = 8;
export const DEAD_AFTER_HOURS = 24;

/** The waits after the 1st, 2nd … attempt. They add up to more than a day, so the 8th attempt is the last. */
const WAITS_MS = [1, 5, 30, 2 * 60, 4 * 60, 6 * 60, 12 * 60].map((minutes) => minutes * MINUTE_MS);

/** When to try again after `attempts` failed ones. */
export function nextAttempt(attempts: number, now: Date): Date {
  const wait = WAITS_MS[Math.min(attempts, WAITS_MS.length) - 1] ?? MINUTE_MS;
  return new Date(now.getTime() + wait);
}

/** Whether to give up: enough attempts and enough time, so that neither a burst nor an outage ends it. */
export function isSpent(tried: { attempts: number; firstAttemptAt: Date; now: Date }): boolean {
  return (
    tried.attempts >= DEAD_AFTER_ATTEMPTS &&
    tried.now.getTime() - tried.firstAttemptAt.getTime() >= DEAD_AFTER_HOURS * HOUR_MS
  );
}
