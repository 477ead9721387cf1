import { millisecondsInDay } from "date-fns/constants";
import Stripe from "stripe";
import type { BillingDeps } from "@/billing/deps";
import { backfillEvents, STRIPE_KEEPS_DAYS } from "@/billing/inbox/backfill-events";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { clockOffsetMs, now } from "@/lib/clock";
import type { BillingFixture } from "../billing-fixture";
import type { Delivery, Step } from "./generate-history";

type Event = ReturnType<BillingFixture["control"]["listEvents"]>[number];

/** The application on two machines whose clocks differ. */
export type Servers = readonly [BillingDeps, BillingDeps];

const HANDLED = new Set<string>(HANDLED_EVENT_TYPES);

/** The network between Stripe and the servers: reorders, repeats, delays and loses events. */
export class EventDelivery {
  /** Sent, not received yet. Arrive in any order with later ones. */
  #late: Event[] = [];
  /** Never delivered. A backfill finds them. */
  #lost: Event[] = [];
  /** How many of Stripe's events were taken. */
  #seen = 0;

  constructor(
    private readonly fixture: BillingFixture,
    private readonly servers: Servers,
  ) {}

  /** The types of the events that have not been received. */
  get waiting(): readonly string[] {
    return [...this.#late, ...this.#lost].map(({ type }) => type);
  }

  /** Whether Stripe has sent nothing that was not received. */
  get isQuiet(): boolean {
    const isSeen = this.fixture.control.listEvents().length === this.#seen;
    return isSeen && this.waiting.length === 0;
  }

  /** Delivers what Stripe has sent since the last call, in the step's way. */
  async deliverNew(step: Pick<Step, "delivery" | "server" | "order">): Promise<void> {
    const events = this.#takeNew();
    const random = randomNumbers(step.order);
    const { server } = step;
    const deliver: Record<Delivery, () => Promise<void> | void> = {
      "in order": () => this.#receiveAll(events, server),
      shuffled: () => this.#receiveAll(shuffled(events, random), server),
      twice: () => this.#receiveAll(shuffled([...events, ...events], random), server),
      "at once": async () => {
        const responses = await Promise.all(
          shuffled([...events, ...events], random).map(async (event, index) => {
            const isReceived = await this.#receive(event, index % 2 === 0 ? 0 : 1);
            return isReceived ? [] : [event];
          }),
        );
        this.#late.push(...responses.flat());
      },
      "some late": async () => {
        const late = events.filter(() => random() < 0.5);
        this.#late.push(...late);
        await this.#receiveAll(shuffled(without(events, late), random), server);
      },
      late: () => {
        this.#late.push(...events);
      },
      lost: async () => {
        const lost = events.filter(() => random() < 0.6);
        this.#lost.push(...lost);
        await this.#receiveAll(without(events, lost), server);
      },
    };
    await deliver[step.delivery]();
  }

  /** Delivers everything that was sent, and backfills what was lost. */
  async deliverAll(order: number): Promise<void> {
    this.#late.push(...this.#takeNew());
    await this.deliverLate(order);
    if (this.#lost.length > 0) for (const server of [0, 1] as const) await this.backfill(server);
  }

  async deliverLate(order: number): Promise<void> {
    const late = this.#late;
    this.#late = [];
    const random = randomNumbers(order);
    for (const event of shuffled(late, random)) {
      await this.#receiveAll([event], random() < 0.5 ? 0 : 1);
    }
  }

  /** A run grants by the schedules it knows, so the events that end one arrive before it. */
  async deliverEnds(server: 0 | 1): Promise<void> {
    await this.#deliverWaiting(["customer.subscription.deleted", "invoice.paid"], server);
  }

  async deliverFailedRefunds(server: 0 | 1): Promise<void> {
    await this.#deliverWaiting(["refund.failed"], server);
  }

  async backfill(server: 0 | 1): Promise<void> {
    await backfillEvents(this.servers[server]);
    const known = await this.fixture.database.ownerSql<
      { id: string }[]
    >`select id from stripe_event`;
    const ids = new Set(known.map(({ id }) => id));
    this.#lost = this.#lost.filter(({ id }) => !ids.has(id));
  }

  /** Backfills what Stripe would no longer list after another `days`. */
  async backfillBefore(days: number, server: 0 | 1): Promise<void> {
    const oldest = now().getTime() - (STRIPE_KEEPS_DAYS - 1 - days) * millisecondsInDay;
    const waiting = [...this.#late, ...this.#lost];
    if (waiting.some(({ created }) => created * 1000 < oldest)) await this.backfill(server);
  }

  async #deliverWaiting(types: readonly string[], server: 0 | 1): Promise<void> {
    const events = [...this.#late, ...this.#lost].filter(({ type }) => types.includes(type));
    this.#late = without(this.#late, events);
    this.#lost = without(this.#lost, events);
    await this.#receiveAll(events, server);
  }

  #takeNew(): Event[] {
    const all = this.fixture.control.listEvents();
    const events = all.slice(this.#seen).filter(({ type }) => HANDLED.has(type));
    this.#seen = all.length;
    return events;
  }

  async #receiveAll(events: readonly Event[], server: 0 | 1): Promise<void> {
    for (const event of events) {
      if (!(await this.#receive(event, server))) this.#late.push(event);
    }
  }

  /** Posts an event to a server, signed by that server's clock. Returns whether it responds with 2xx. */
  async #receive(event: Event, server: 0 | 1): Promise<boolean> {
    const billing = this.servers[server];
    const payload = JSON.stringify(event);
    const header = Stripe.webhooks.generateTestHeaderString({
      payload,
      secret: billing.webhookSecret,
      timestamp: Math.floor((billing.clock().getTime() - clockOffsetMs()) / 1000),
    });
    const url = "http://localhost:3000/api/webhooks/stripe";
    const headers = { "stripe-signature": header };
    const request = new Request(url, { method: "POST", body: payload, headers });
    return (await handleStripeWebhook(billing, request)).ok;
  }
}

function without<One>(all: readonly One[], left: readonly One[]): One[] {
  return all.filter((one) => !left.includes(one));
}

/** A small random number generator, so that a step's order can be repeated by its seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffled<One>(all: readonly One[], random: () => number): One[] {
  return all
    .map((item) => ({ item, position: random() }))
    .sort((a, b) => a.position - b.position)
    .map(({ item }) => item);
}
