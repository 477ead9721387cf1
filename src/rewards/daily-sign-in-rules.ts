import { DAILY_SIGN_IN } from "@/catalog/catalog";
import { addDays, type Day } from "@/lib/local-day";

/** A day that was signed in on: how many in a row it made, and what it brought. */
export interface SignIn {
  readonly day: Day;
  readonly streak: number;
  readonly credits: number;
}

/** What the nth day in a row brings, in credits. */
export function rewardOf(streak: number): number {
  const fitting = DAILY_SIGN_IN.milestones.filter(({ everyDays }) => streak % everyDays === 0);
  return Math.max(DAILY_SIGN_IN.credits, ...fitting.map(({ credits }) => credits));
}

/** The next day in a row after `streak` that brings more than usual, and how many days away it is. */
export function nextMilestone(streak: number): { inDays: number; streak: number; credits: number } {
  const away = DAILY_SIGN_IN.milestones.map(({ everyDays }) => everyDays - (streak % everyDays));
  const inDays = Math.min(...away);
  return { inDays, streak: streak + inDays, credits: rewardOf(streak + inDays) };
}

/**
 * The sign-in that `today` would be after the `latest` one, or null when today is taken. Days only go
 * forward: whoever moved west to a day that they have behind them waits for the first new one. So a
 * change of zone gives no day twice, and whatever zones one passes through, there is at most one
 * sign-in for each day that began anywhere on Earth.
 */
export function signInOn(today: Day, latest: SignIn | null): SignIn | null {
  if (latest !== null && today <= latest.day) return null;
  const isInARow = latest !== null && addDays(latest.day, 1) === today;
  const streak = isInARow ? latest.streak + 1 : 1;
  return { day: today, streak, credits: rewardOf(streak) };
}
