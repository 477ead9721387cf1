import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { replayEvent } from "@/billing/inbox/retry-events";
import { BillingFixture } from "../billing-fixture";
import { type Events, readFinalState, runUndelivered } from "./final-state";
import { SCENARIOS } from "./scenarios";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const seen = new Set<string>();

async function deliverInOrder(events: Events): Promise<void> {
  for (const event of events) expect((await fixture.deliver(event)).status, event.type).toBe(200);
}

/** Delivers each event three times, all concurrently. Retries what is refused, as Stripe does. */
async function deliverConcurrently(events: Events): Promise<void> {
  const deliveries = [...events, ...events, ...events];
  const responses = await Promise.all(
    deliveries.map(async (event) => ({ event, status: (await fixture.deliver(event)).status })),
  );
  await deliverInOrder(responses.filter(({ status }) => status !== 200).map(({ event }) => event));
}

/** The same events under new ids. Only the key of the business fact can identify them. */
function duplicatesOf(events: Events): Events {
  return events.map((event) => ({ ...event, id: `${event.id}_twin` }));
}

/** A small random number generator, so that a failing order can be repeated by its seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffled<T>(all: readonly T[], seed: number): T[] {
  const random = randomNumbers(seed);
  return all
    .map((item) => ({ item, position: random() }))
    .sort((a, b) => a.position - b.position)
    .map(({ item }) => item);
}

describe.each(SCENARIOS)("$name", (scenario) => {
  it.each<[string, (events: Events) => Promise<void>]>([
    ["in order", deliverInOrder],
    ["in reverse", (events) => deliverInOrder([...events].reverse())],
    ["shuffled (seed 1)", (events) => deliverInOrder(shuffled(events, 1))],
    ["shuffled (seed 2)", (events) => deliverInOrder(shuffled(events, 2))],
    ["shuffled (seed 3)", (events) => deliverInOrder(shuffled(events, 3))],
    ["all at once, three times each", deliverConcurrently],
  ])(
    "reaches the same final state when its events arrive %s, and after repeated delivery",
    async (_way, deliver) => {
      const userId = await fixture.signUp();
      const { expected, events } = await runUndelivered(fixture, scenario, userId);
      for (const { type } of events) seen.add(type);
      await deliver(events);
      await fixture.deliverCalls();
      const finalState = await readFinalState(fixture, userId);
      expect(finalState).toEqual(expected);
      await deliverInOrder(events);
      await deliver(duplicatesOf(events));
      for (const { id } of events) expect(await replayEvent(fixture.billing, id)).not.toBe("dead");
      expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
      expect(await readFinalState(fixture, userId)).toEqual(finalState);
    },
  );
});

describe("the scenarios together", () => {
  it("cover every handled event type", () => {
    expect(HANDLED_EVENT_TYPES.filter((type) => !seen.has(type))).toEqual([]);
  });
});
