import Stripe from "stripe";
import type { SimulatedClock } from "./clock";
import type { Deliveries } from "./deliveries";
import { newId } from "./ids";
import type { Tables } from "./tables";

type EventType = Stripe.Event["type"];
type EventData<T extends EventType> = Extract<Stripe.Event, { type: T }>["data"];

/** A call that will fail with a 500, before or after its effect. */
export interface Outage {
  method: "GET" | "POST" | "DELETE";
  /** The end of the path, such as `/v1/refunds` or `/cancel`. */
  path: string;
  when: "before" | "after";
}

const EVENTS_KEPT = 5000;

/**
 * The simulated account: its tables, its clock and its events. Every change to the tables is
 * synchronous, so no request ever sees another one half done.
 */
export class Simulation {
  /** Address of the hosted pages; known once the server listens. */
  url = "";
  /** The API request in progress; events name it as their cause. */
  request: Stripe.Event.Request | null = null;
  /** Planned server errors, each used once. */
  readonly plannedOutages: Outage[] = [];

  constructor(
    readonly tables: Tables,
    readonly clock: SimulatedClock,
    readonly deliveries: Deliveries,
    private readonly onChange: () => void,
    /** The account's default version. Events are stored and listed at it, whichever version calls name. */
    readonly accountApiVersion: string = Stripe.API_VERSION,
  ) {}

  nowSeconds(): number {
    return this.clock.nowSeconds();
  }

  /** Records an event with a copy of the object's current state and queues its delivery. */
  emit<T extends EventType>(
    type: T,
    object: EventData<T>["object"],
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
      pending_webhooks: this.deliveries.endpointsFor(type).length,
      request: this.request ?? { id: null, idempotency_key: null },
      type,
    };
    this.append(event);
    this.deliveries.send(event);
    this.changed();
  }

  changed(): void {
    this.onChange();
  }

  /** Drops the oldest events, so that a long-lived snapshot stays small. */
  private append(event: Stripe.EventBase): void {
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

/** Deep copy through JSON: events and responses are snapshots, not references. */
function copyOf(object: object): object {
  return JSON.parse(JSON.stringify(object));
}
