import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { getMembership } from "@/billing/queries";
import { now } from "@/lib/clock";
import type { BillingFixture } from "../billing-fixture";
import type { Scenario } from "./scenarios";

/** Epoch milliseconds. */
export type Instant = number;

/** Everything the ledger and the screens say about a user's purchases, with dates. */
export interface FinalState {
  /** By item, then by time. */
  readonly payments: readonly {
    item: string;
    credits: number;
    refundedCents: number;
    /** Start and end of the membership. */
    from: Instant | null;
    until: Instant | null;
    paid: Instant;
  }[];
  readonly membership: {
    plan: string;
    status: string;
    until: Instant | null;
    /** When the subscription is set to end. */
    endsAt: Instant | null;
  };
  /** Paid schedules by anchor. `state` is kind and status, such as `yearly due`. */
  readonly schedules: readonly {
    state: string;
    anchor: Instant;
    next: Instant | null;
    until: Instant | null;
  }[];
  /** Lots of purchases by expiry. */
  readonly lots: readonly { remaining: number; expires: Instant | null }[];
  readonly granted: number;
}

/** Reads a user's current state. */
export async function readFinalState(fixture: BillingFixture, userId: string): Promise<FinalState> {
  const payments = await fixture.payments(userId);
  const { plan, status, until, cancelAt } = await getMembership(fixture.db, { userId, at: now() });
  const schedules = await fixture.database.ownerSql<
    { state: string; anchor_at: Date; next_due_at: Date | null; ends_at: Date | null }[]
  >`select kind || case when ended_at is not null then ' ended'
      when suspended_at is not null then ' suspended'
      when next_due_at is not null then ' due' else ' idle' end as state,
      anchor_at, next_due_at, ends_at
    from credit_schedule where user_id = ${userId} and kind <> 'free' order by anchor_at`;
  const lots = await fixture.database.ownerSql<{ remaining: string; expires_at: Date | null }[]>`
    select remaining, expires_at from credit_lot
    where user_id = ${userId} and source ~ '^(checkout|invoice):' order by expires_at, seq`;
  return {
    payments: payments
      .map(({ item, credits, refundedCents, memberFromAt, memberUntilAt, paidAt }) => ({
        item,
        credits,
        refundedCents,
        from: msOf(memberFromAt),
        until: msOf(memberUntilAt),
        paid: paidAt.getTime(),
      }))
      .sort((a, b) => a.item.localeCompare(b.item) || a.paid - b.paid),
    membership: { plan, status, until: msOf(until), endsAt: msOf(cancelAt) },
    schedules: schedules.map((row) => ({
      state: row.state,
      anchor: row.anchor_at.getTime(),
      next: msOf(row.next_due_at),
      until: msOf(row.ends_at),
    })),
    lots: lots.map((lot) => ({ remaining: Number(lot.remaining), expires: msOf(lot.expires_at) })),
    granted: await fixture.granted(userId),
  };
}

const msOf = (at: Date | null): Instant | null => at?.getTime() ?? null;

export type Events = ReturnType<BillingFixture["control"]["listEvents"]>;

/**
 * Handled types that these scenarios never send, each with a similar type that they send. Handlers
 * read only the object's id, so a copy of the similar event stands in.
 */
const NEVER_SENT_TYPES = new Map([
  ["customer.subscription.trial_will_end", "customer.subscription.updated"],
  ["customer.subscription.paused", "customer.subscription.updated"],
  ["customer.subscription.resumed", "customer.subscription.updated"],
] as const);

/**
 * Runs a scenario without delivering its events. Returns the expected final state and the handled
 * events in the order they happened.
 */
export async function runUndelivered(
  fixture: BillingFixture,
  scenario: Scenario,
  userId: string,
): Promise<{ expected: FinalState; events: Events }> {
  const before = fixture.control.listEvents().length;
  await fixture.control.setDeliveryMode("drop");
  const expected = await scenario.run(fixture, userId);
  await fixture.control.setDeliveryMode("normal");
  const handled = new Set<string>(HANDLED_EVENT_TYPES);
  const happened = fixture.control.listEvents().slice(before);
  const events = happened.filter(({ type }) => handled.has(type));
  for (const [type, similarType] of NEVER_SENT_TYPES) {
    const similar = events.find((event) => event.type === similarType);
    if (similar !== undefined) events.push({ ...similar, type, id: `${similar.id}_${type}` });
  }
  return { expected, events };
}
