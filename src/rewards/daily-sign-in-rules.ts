import { catalog } from "@/catalog/catalog";
import { addDays, type Day } from "@/lib/local-day";

/** A day the user signed in, the streak it made and the credits it earned. */
export interface SignIn {
  readonly day: Day;
  readonly streak: number;
  readonly credits: number;
}

/** Returns the credits earned by the nth day of a streak. */
export function rewardOf(streak: number): number {
  const milestones = catalog.dailySignIn.milestones.filter(
    ({ everyDays }) => streak % everyDays === 0,
  );
  return Math.max(catalog.dailySignIn.credits, ...milestones.map(({ credits }) => credits));
}

/** Returns the next milestone after `streak` and how many days away it is. */
export function nextMilestone(streak: number): { inDays: number; streak: number; credits: number } {
  const away = catalog.dailySignIn.milestones.map(
    ({ everyDays }) => everyDays - (streak % everyDays),
  );
  const inDays = Math.min(...away);
  return { inDays, streak: streak + inDays, credits: rewardOf(streak + inDays) };
}

/**
 * Returns the sign-in that `today` would make after the `latest` one, or null if today already has one.
 * Days only move forward, so that a change of time zone never rewards a day twice
 * (docs/decisions/0013-sign-in-days-only-move-forward.md).
 */
export function signInOn(today: Day, latest: SignIn | null): SignIn | null {
  if (latest !== null && today <= latest.day) return null;
  const continues = latest !== null && addDays(latest.day, 1) === today;
  const streak = continues ? latest.streak + 1 : 1;
  return { day: today, streak, credits: rewardOf(streak) };
}
