import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { getMembership } from "@/billing/queries";
import { now } from "@/lib/clock";
import type { BillingFixture } from "./billing-fixture";
import type { Life } from "./lives";

/** Milliseconds. */
export type Instant = number;

/** All that the books and the screens say of a person's purchases, with its dates. */
export interface End {
  readonly payments: readonly {
    item: string;
    credits: number;
    refundedCents: number;
    /** From when to when it makes a member. */
    from: Instant | null;
    until: Instant | null;
    paid: Instant;
  }[];
  readonly membership: {
    plan: string;
    status: string;
    until: Instant | null;
    /** When the subscription ends because somebody asked for it. */
    endsAt: Instant | null;
  };
  /** Those of purchases, by their beginning: kind and how they stand. */
  readonly schedules: readonly {
    state: string;
    anchor: Instant;
    next: Instant | null;
    until: Instant | null;
  }[];
  /** Those of purchases, the first to expire first. */
  readonly lots: readonly { left: number; expires: Instant | null }[];
  readonly granted: number;
}

/** How a person stands now. */
export async function endOf(fixture: BillingFixture, userId: string): Promise<End> {
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
      .map((paid) => ({
        ...{ item: paid.item, credits: paid.credits, refundedCents: paid.refundedCents },
        ...{ from: msOf(paid.memberFromAt), until: msOf(paid.memberUntilAt) },
        paid: paid.paidAt.getTime(),
      }))
      .sort((a, b) => a.item.localeCompare(b.item) || a.paid - b.paid),
    membership: { plan, status, until: msOf(until), endsAt: msOf(cancelAt) },
    schedules: schedules.map((row) => ({
      state: row.state,
      anchor: row.anchor_at.getTime(),
      ...{ next: msOf(row.next_due_at), until: msOf(row.ends_at) },
    })),
    lots: lots.map((lot) => ({ left: Number(lot.remaining), expires: msOf(lot.expires_at) })),
    granted: await fixture.granted(userId),
  };
}

const msOf = (at: Date | null): Instant | null => at?.getTime() ?? null;

export type Events = ReturnType<BillingFixture["control"]["listEvents"]>;

/**
 * Types that the simulator never sends, as nothing it plays brings them about, and the one whose
 * events they are told by: our handlers read the id alone.
 */
const NEVER_SENT = new Map([
  ["customer.subscription.paused", "customer.subscription.updated"],
  ["customer.subscription.resumed", "customer.subscription.updated"],
] as const);

/**
 * Lives a life of which we hear nothing. Answers how it must end, and its events of the types we
 * handle in the order they happened.
 */
export async function liveUnheard(
  fixture: BillingFixture,
  life: Life,
  userId: string,
): Promise<{ end: End; events: Events }> {
  const before = fixture.control.listEvents().length;
  await fixture.control.setDeliveryMode("drop");
  const end = await life.live(fixture, userId);
  await fixture.control.setDeliveryMode("normal");
  const handled = new Set<string>(HANDLED_EVENT_TYPES);
  const happened = fixture.control.listEvents().slice(before);
  const events = happened.filter(({ type }) => handled.has(type));
  for (const [type, likeType] of NEVER_SENT) {
    const like = events.find((event) => event.type === likeType);
    if (like !== undefined) events.push({ ...like, type, id: `${like.id}_${type}` });
  }
  return { end, events };
}
