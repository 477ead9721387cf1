import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { getMembership } from "@/billing/queries";
import { now } from "@/lib/clock";
import { World } from "./world";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterEach(() => world.expectBalanced());
afterAll(() => world.close());

/** A small generator of chances, so that a failing order can be had again by its seed. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffled<T>(all: readonly T[], seed: number): T[] {
  const chance = chances(seed);
  return all
    .map((one) => ({ one, place: chance() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

/** A year's worth of doings of one person, none of which we hear of. Answers its events. */
async function live(userId: string) {
  const { control } = world;
  const before = control.listEvents().length;
  await control.setDeliveryMode("drop");
  const subscribed = await world.buy(userId, "pro-monthly");
  const subscriptionId = await world.subscriptionOf(subscribed);
  await control.advanceClock({ days: 10 });
  await control.switchPlan(subscriptionId, "price_pro_yearly");
  const pack = await world.buy(userId, "pack-enterprise");
  const { payment_intent } = await world.billing.stripe.checkout.sessions.retrieve(pack);
  await control.refund(String(payment_intent), 2995);
  await control.advanceClock({ days: 1 });
  const dispute = await control.dispute(String(payment_intent));
  await control.winDispute(dispute.id);
  await control.cancelSubscription(subscriptionId, "period end");
  await control.advanceClock({ days: 1 });
  await control.setDeliveryMode("normal");
  return control.listEvents().slice(before);
}

async function endOf(userId: string) {
  const payments = await world.payments(userId);
  const { plan, status, cancelAt } = await getMembership(world.db, { userId, at: now() });
  const schedules = await world.database.ownerSql`
    select kind, next_due_at is not null as due, suspended_at is not null as suspended,
      ended_at is not null as ended
    from credit_schedule where user_id = ${userId} order by kind`;
  return {
    payments: payments
      .map(({ item, credits, refundedCents }) => ({ item, credits, refundedCents }))
      .sort((a, b) => a.item.localeCompare(b.item)),
    membership: { plan, status, isEnding: cancelAt !== null },
    schedules: [...schedules],
    granted: await world.granted(userId),
    available: await world.available(userId),
  };
}

describe("whatever the order in which events come", () => {
  it.each([1, 2, 3, 4, 5])("the end is the same (seed %i)", async (seed) => {
    const userId = await world.signUp();
    const events = await live(userId);
    for (const event of shuffled(events, seed)) {
      expect((await world.deliver(event)).status, event.type).toBe(200);
    }
    expect(await endOf(userId)).toEqual({
      payments: [
        { item: "pack-enterprise", credits: 1000, refundedCents: 2995 },
        { item: "pro-monthly", credits: 1000, refundedCents: 0 },
        { item: "pro-yearly", credits: 0, refundedCents: 0 },
      ],
      membership: { plan: "pro-yearly", status: "active", isEnding: true },
      schedules: [
        { kind: "free", due: true, suspended: false, ended: false },
        { kind: "yearly", due: true, suspended: false, ended: false },
      ],
      granted: 1500,
      available: 1620,
    });
  });
});
