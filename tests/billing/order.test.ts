import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HANDLED_EVENT_TYPES } from "@/billing/process-event";
import { getMembership } from "@/billing/queries";
import { replayEvent } from "@/billing/replay-event";
import { now } from "@/lib/clock";
import { LIVES, type Life } from "./lives";
import { World } from "./world";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterEach(() => world.expectBalanced());
afterAll(() => world.close());

type Events = ReturnType<World["control"]["listEvents"]>;

const seen = new Set<string>();

/** Lives a life of which we hear nothing; answers its events in the order they happened. */
async function liveUnheard(life: Life, userId: string): Promise<Events> {
  const before = world.control.listEvents().length;
  await world.control.setDeliveryMode("drop");
  await life.live(world, userId);
  await world.control.setDeliveryMode("normal");
  const events = world.control.listEvents().slice(before);
  for (const { type } of events) seen.add(type);
  return events;
}

async function endOf(userId: string): Promise<Life["end"]> {
  const payments = await world.payments(userId);
  const { plan, status, cancelAt } = await getMembership(world.db, { userId, at: now() });
  const schedules = await world.database.ownerSql<{ state: string }[]>`
    select kind || case when ended_at is not null then ' ended'
      when suspended_at is not null then ' suspended'
      when next_due_at is not null then ' due' else ' idle' end as state
    from credit_schedule where user_id = ${userId} and kind <> 'free' order by anchor_at`;
  return {
    payments: payments
      .map(({ item, credits, refundedCents }) => ({ item, credits, refundedCents }))
      .sort((a, b) => a.item.localeCompare(b.item)),
    membership: { plan, status, isEnding: cancelAt !== null },
    schedules: schedules.map(({ state }) => state),
    granted: await world.granted(userId),
  };
}

async function oneByOne(events: Events): Promise<void> {
  for (const event of events) expect((await world.deliver(event)).status, event.type).toBe(200);
}

/** Each three times, all in flight together; what is refused is sent again, as Stripe does. */
async function allAtOnce(events: Events): Promise<void> {
  const deliveries = [...events, ...events, ...events];
  const answers = await Promise.all(
    deliveries.map(async (event) => ({ event, status: (await world.deliver(event)).status })),
  );
  await oneByOne(answers.filter(({ status }) => status !== 200).map(({ event }) => event));
}

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

describe.each(LIVES)("$name", (life) => {
  it.each<[string, (events: Events) => Promise<void>]>([
    ["as they happened", oneByOne],
    ["the last first", (events) => oneByOne([...events].reverse())],
    ["in any order (seed 1)", (events) => oneByOne(shuffled(events, 1))],
    ["in any order (seed 2)", (events) => oneByOne(shuffled(events, 2))],
    ["in any order (seed 3)", (events) => oneByOne(shuffled(events, 3))],
    ["all at once, three times each", allAtOnce],
  ])("ends the same when its events come %s, and again", async (_way, deliver) => {
    const userId = await world.signUp();
    const events = await liveUnheard(life, userId);
    await deliver(events);
    expect(await endOf(userId)).toEqual(life.end);
    await oneByOne(events);
    for (const { id } of events) expect(await replayEvent(world.billing, id)).not.toBe("dead");
    expect(await endOf(userId)).toEqual(life.end);
  });
});

describe("the lives together", () => {
  it("hold events of nearly every type that does something", () => {
    const unseen = HANDLED_EVENT_TYPES.filter((type) => !seen.has(type));
    expect(unseen).toEqual(["customer.subscription.paused", "customer.subscription.resumed"]);
  });
});
