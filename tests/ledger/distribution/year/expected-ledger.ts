import { millisecondsInDay } from "date-fns/constants";
import { GRACE_MS, monthLater } from "../calendar";
import type { Scenario, ScenarioEvent } from "./scenarios";

/** A ledger row without its number and balance. */
export interface ExpectedRow {
  readonly type: string;
  readonly amount: number;
  readonly source: string;
  readonly bookedAt: Date;
  readonly effectiveAt: Date;
}

interface Grant {
  readonly type: string;
  readonly source: string;
  readonly amount: number;
  readonly bookedAt: Date;
  readonly expiresAt: Date;
}

/**
 * Computes the ledger of a user who never spends after these runs, one promise at a time, from the
 * rules in the README and without the code under test.
 */
export function expectedLedger(scenario: Scenario, runs: readonly Date[]): ExpectedRow[] {
  const grants = scenario.events.flatMap((event) => grantsOf(scenario, event, runs));
  // Every write and every run books what has expired by then.
  const writes = [...runs, ...grants.map(({ bookedAt }) => bookedAt)].toSorted(byTime);
  const rows = grants.flatMap(({ expiresAt, ...grant }): ExpectedRow[] => {
    const granted = { ...grant, effectiveAt: grant.bookedAt };
    const expiryBookedAt = writes.find((at) => at >= expiresAt);
    if (expiryBookedAt === undefined) return [granted];
    const { source, amount } = grant;
    const expired = { type: "EXPIRE", source, amount: -amount };
    return [granted, { ...expired, bookedAt: expiryBookedAt, effectiveAt: expiresAt }];
  });
  return rows.toSorted(inOrder);
}

export function inOrder(a: ExpectedRow, b: ExpectedRow): number {
  return rank(a) < rank(b) ? -1 : 1;
}

const rank = (row: ExpectedRow) =>
  [row.bookedAt, row.effectiveAt].map((at) => at.toISOString()).join() + row.type + row.source;

const byTime = (a: Date, b: Date) => a.getTime() - b.getTime();
const plus = (at: Date, ms: number) => new Date(at.getTime() + ms);

function grantsOf(scenario: Scenario, event: ScenarioEvent, runs: readonly Date[]): Grant[] {
  switch (event.what) {
    case "sign up":
      return [...signUpGrants(event.at), ...freeMonths(scenario, event.at, runs)];
    case "pay month": {
      const until = event.until > event.at ? event.until : event.at;
      return [renewal(event.source, event.at, plus(until, GRACE_MS))];
    }
    case "buy year":
      return paidMonths(scenario, { ...event, type: "SUBSCRIPTION_RENEWAL" }, runs);
    case "buy lifetime":
      return paidMonths(scenario, { ...event, type: "LIFETIME_MONTHLY", until: null }, runs);
    default:
      return [];
  }
}

function signUpGrants(signedUpAt: Date): Grant[] {
  const signup = { source: "signup", bookedAt: signedUpAt };
  return [
    {
      ...signup,
      type: "REGISTER_GIFT",
      amount: 70,
      expiresAt: plus(signedUpAt, 30 * millisecondsInDay),
    },
    {
      ...signup,
      type: "MONTHLY_REFRESH",
      amount: 50,
      expiresAt: plus(monthLater(signedUpAt, 1), GRACE_MS),
    },
  ];
}

const renewal = (source: string, bookedAt: Date, expiresAt: Date): Grant => ({
  type: "SUBSCRIPTION_RENEWAL",
  source,
  amount: 1000,
  bookedAt,
  expiresAt,
});

/** A run grants only the current free month, and only to a user who was not a member when it was due. */
function freeMonths(scenario: Scenario, signedUpAt: Date, runs: readonly Date[]): Grant[] {
  const end = scenario.events.find(({ what }) => what === "delete account")?.at;
  const grants: Grant[] = [];
  for (let n = 1; n <= 24; n++) {
    const due = monthLater(signedUpAt, n);
    const next = monthLater(signedUpAt, n + 1);
    const run = runs.find((at) => at >= due);
    if (run === undefined || (end !== undefined && due >= end)) break;
    if (next <= run || isMember(scenario, due, run)) continue;
    const refresh = { type: "MONTHLY_REFRESH", source: "signup", amount: 50 };
    grants.push({ ...refresh, bookedAt: run, expiresAt: plus(next, GRACE_MS) });
  }
  return grants;
}

/** Whether the user was a paid member at `due`, by the events known to the run. */
function isMember(scenario: Scenario, due: Date, run: Date): boolean {
  const known = scenario.events.filter(({ at }) => at <= run);
  return known.some((event) => {
    if (event.what === "buy lifetime") {
      const isReversed = known.some(
        (other) =>
          (other.what === "refund" || other.what === "lose") && other.source === event.source,
      );
      return event.at <= due && !isReversed;
    }
    if (event.what !== "buy year" && event.what !== "pay month") return false;
    const from = event.what === "buy year" ? event.at : event.from;
    const endedAt = known.find(({ what }) => what === "end subscription")?.at ?? event.until;
    return from <= due && due < event.until && due < endedAt;
  });
}

/** Grants every month of the promise in the first run that may book it. */
function paidMonths(
  scenario: Scenario,
  bought: { at: Date; source: string; until: Date | null; type: string },
  runs: readonly Date[],
): Grant[] {
  const { at, source, type } = bought;
  const month = { type, source, amount: 1000 };
  const grants = [{ ...month, bookedAt: at, expiresAt: plus(monthLater(at, 1), GRACE_MS) }];
  for (let n = 1; n <= 24; n++) {
    const due = monthLater(at, n);
    const run = runs.find((r) => r >= due && !isSuspended(scenario, source, r));
    if (run === undefined || (bought.until !== null && due >= bought.until)) break;
    if (hasEnded(scenario, source, due, run)) break;
    const isLate = run.getTime() > due.getTime() + millisecondsInDay;
    const next = isLate ? monthLater(run, 1) : monthLater(at, n + 1);
    grants.push({ ...month, bookedAt: run, expiresAt: plus(next, GRACE_MS) });
  }
  return grants;
}

/** Nothing is granted during a dispute. */
function isSuspended(scenario: Scenario, source: string, run: Date): boolean {
  const happened = (kinds: readonly string[]) =>
    scenario.events.some(
      (event) =>
        kinds.includes(event.what) &&
        "source" in event &&
        event.source === source &&
        event.at <= run,
    );
  return happened(["dispute"]) && !happened(["win", "lose"]);
}

/** The schedule ended before the period was due, or was reversed before the run. */
function hasEnded(scenario: Scenario, source: string, due: Date, run: Date): boolean {
  return scenario.events.some((event) => {
    if (event.what === "refund" || event.what === "lose") {
      return event.source === source && event.at <= run;
    }
    if (event.what === "delete account") return event.at <= due;
    return event.what === "end subscription" && event.at <= due;
  });
}
