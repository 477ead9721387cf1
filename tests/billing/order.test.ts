import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { replayEvent } from "@/billing/inbox/retry-events";
import { BillingFixture } from "./billing-fixture";
import { type Events, endOf, liveUnheard } from "./end-state";
import { LIVES } from "./lives";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const seen = new Set<string>();

async function oneByOne(events: Events): Promise<void> {
  for (const event of events) expect((await fixture.deliver(event)).status, event.type).toBe(200);
}

/** Each three times, all in flight together; what is refused is sent again, as Stripe does. */
async function allAtOnce(events: Events): Promise<void> {
  const deliveries = [...events, ...events, ...events];
  const answers = await Promise.all(
    deliveries.map(async (event) => ({ event, status: (await fixture.deliver(event)).status })),
  );
  await oneByOne(answers.filter(({ status }) => status !== 200).map(({ event }) => event));
}

/** The same news under ids that nobody has seen: only the fact's own key can tell that it is known. */
function twinsOf(events: Events): Events {
  return events.map((event) => ({ ...event, id: `${event.id}_twin` }));
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
    const userId = await fixture.signUp();
    const { end, events } = await liveUnheard(fixture, life, userId);
    for (const { type } of events) seen.add(type);
    await deliver(events);
    await fixture.deliverCalls();
    const ended = await endOf(fixture, userId);
    expect(ended).toEqual(end);
    await oneByOne(events);
    await deliver(twinsOf(events));
    for (const { id } of events) expect(await replayEvent(fixture.billing, id)).not.toBe("dead");
    expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
    expect(await endOf(fixture, userId)).toEqual(ended);
  });
});

describe("the lives together", () => {
  it("hold events of every type that does something", () => {
    expect(HANDLED_EVENT_TYPES.filter((type) => !seen.has(type))).toEqual([]);
  });
});
