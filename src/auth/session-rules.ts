import { addHours, addMinutes, max } from "date-fns";

/** How long a confirmation of the password or of a second factor counts as recent. */
export const PROOF_MINUTES = 15;
/** A session of an admin ends this long after the sign-in. */
export const ADMIN_SESSION_HOURS = 12;
/** A session of an admin ends this long after its last use. */
export const ADMIN_IDLE_MINUTES = 60;
/** How precisely the last use is stored, so that most requests write nothing. */
export const LAST_USE_MINUTES = 10;

/** Instants of a session, in real time. */
export interface SessionTimes {
  /** The sign-in. */
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly passwordAt: Date | null;
  readonly secondFactorAt: Date | null;
}

/** True if the user signed in or confirmed a password or a second factor in the last 15 minutes. */
function hasRecentProof(session: SessionTimes, at: Date): boolean {
  const { createdAt, passwordAt, secondFactorAt } = session;
  const provedAt = max([createdAt, passwordAt ?? createdAt, secondFactorAt ?? createdAt]);
  return at < addMinutes(provedAt, PROOF_MINUTES);
}

/**
 * True if the user has proven recently that the session is theirs. Only the second factor itself counts
 * for a user who has one: a sign-in through Google or GitHub asks for none.
 */
export function isProven(
  session: SessionTimes,
  { hasSecondFactor, at }: { hasSecondFactor: boolean; at: Date },
): boolean {
  return hasSecondFactor ? hasRecentSecondFactor(session, at) : hasRecentProof(session, at);
}

/** True if the session confirmed a second factor in the last 15 minutes. */
export function hasRecentSecondFactor(
  { secondFactorAt }: Pick<SessionTimes, "secondFactorAt">,
  at: Date,
): boolean {
  return secondFactorAt !== null && at < addMinutes(secondFactorAt, PROOF_MINUTES);
}

/** Whether an admin's session has lasted or idled too long. */
export function isAdminSessionOver(
  { createdAt, lastUsedAt }: Pick<SessionTimes, "createdAt" | "lastUsedAt">,
  at: Date,
): boolean {
  const idleUntil = addMinutes(lastUsedAt ?? createdAt, ADMIN_IDLE_MINUTES);
  return at >= addHours(createdAt, ADMIN_SESSION_HOURS) || at >= idleUntil;
}

/** Whether the stored last use is old enough to be stored again. */
export function isLastUseStale({ createdAt, lastUsedAt }: SessionTimes, at: Date): boolean {
  return at >= addMinutes(lastUsedAt ?? createdAt, LAST_USE_MINUTES);
}

/**
 * Why an admin may not act in the console, or null if they may:
 * - `enrol`: they have no second factor and one is required.
 * - `confirm`: they have one, and this session has not confirmed it, or for a `sensitive` action not in
 *   the last 15 minutes.
 */
export function consoleBarrier(admin: {
  readonly hasSecondFactor: boolean;
  readonly secondFactorAt: Date | null;
  /** False in the embedded mode, whose demo admin has no second factor. */
  readonly isRequired: boolean;
  readonly sensitive: boolean;
  readonly at: Date;
}): "enrol" | "confirm" | null {
  const { hasSecondFactor, secondFactorAt, isRequired, sensitive, at } = admin;
  if (!hasSecondFactor) return isRequired ? "enrol" : null;
  if (secondFactorAt === null) return "confirm";
  return sensitive && !hasRecentSecondFactor({ secondFactorAt }, at) ? "confirm" : null;
}
