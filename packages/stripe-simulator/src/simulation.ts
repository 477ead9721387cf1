import Stripe from "stripe";
import type { SimulatedClock } from "./clock";
import type { Deliveries } from "./deliveries";
import { newId } from "./ids";
import type { StoredDispute, Tables } from "./tables";

type EventType = Stripe.Event["type"];
type EventData<T extends EventType> = Extract<Stripe.Event, { type: T }>["data"];

/** A call that Stripe will fail with a 500, and whether it has done what was asked by then. */
export interface Outage {
  method: "GET" | "POST" | "DELETE";
  /** How the path ends, e.g. `/v1/refunds` or `/cancel`. */
  path: string;
  when: "before" | "after";
}

const EVENTS_KEPT = 5000;

/**
 * The simulated account: its memory, its clock and its voice. Every change to the tables is made
 * synchronously, so that no two requests ever meet half-way.
 */
export class Simulation {
  /** Where the hosted pages are; known once the server listens. */
  url = "";
  /** The API request being answered; events name it as their cause. */
  request: Stripe.Event.Request | null = null;
  /** Failures of Stripe's own that are to happen, each once. */
  readonly plannedOutages: Outage[] = [];

  constructor(
    readonly tables: Tables,
    readonly clock: SimulatedClock,
    readonly deliveries: Deliveries,
    private readonly onChange: () => void,
    /** The account's default: events are kept and listed at it, whatever version calls name. */
    readonly accountApiVersion: string = Stripe.API_VERSION,
  ) {}

  nowSeconds(): number {
    return this.clock.nowSeconds();
  }

  /** Records an event with a copy of the object as it is now, and hands it to the deliveries. */
  emit<T extends EventType>(
    type: T,
    object: EventData<T>["object"] | StoredDispute,
    previousAttributes?: object,
  ): void {
    const data: Stripe.Event.Data = { object: copyOf(object) };
    if (previousAttributes) {
      data.previous_attributes = copyOf(previousAttributes);
    }
    const event: Stripe.EventBase = {
      id: newId("evt"),
      object: "event",
      api_version: this.accountApiVersion,
      created: this.nowSeconds(),
      data,
      livemode: false,
      pending_webhooks: this.deliveries.audience(type).length,
      request: this.request ?? { id: null, idempotency_key: null },
      type,
    };
    this.remember(event);
    this.deliveries.send(event);
    this.changed();
  }

  changed(): void {
    this.onChange();
  }

  /** The oldest make room, so that a long-lived snapshot stays small. */
  private remember(event: Stripe.EventBase): void {
    const { events } = this.tables;
    events.set(event.id, event);
    for (const id of events.keys()) {
      if (events.size <= EVENTS_KEPT) {
        return;
      }
      events.delete(id);
    }
  }
}

/** A deep copy by way of JSON: events and answers are snapshots, not views. */
function copyOf(object: object): object {
  return JSON.parse(JSON.stringify(object));
}
