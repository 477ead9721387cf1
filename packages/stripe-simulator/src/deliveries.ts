import { setTimeout as sleep } from "node:timers/promises";
import Stripe from "stripe";
import type { Tables } from "./tables";

export type DeliveryMode = "normal" | "duplicate" | "shuffle" | "delay" | "drop";

/** One attempt to deliver one event to one endpoint. */
export interface Delivery {
  eventId: string;
  eventType: string;
  attempt: number;
  /** The HTTP status; null when there was no response, or the event was dropped or held back. */
  status: number | null;
  outcome: "delivered" | "failed" | "dropped" | "held";
}

export interface SignedPayload {
  body: string;
  /** The value of `Stripe-Signature`. */
  header: string;
}

const LOG_LIMIT = 2000;
const BURST_MS = 40;
const TIMEOUT_MS = 20_000;

/**
 * Delivers events to the webhook endpoints: signed, one at a time, in the order in which they
 * happened, with retries until the response is 2xx. The mode simulates an unreliable network.
 */
export class Deliveries {
  mode: DeliveryMode = "normal";
  readonly log: Delivery[] = [];
  private line: Promise<void> = Promise.resolve();
  private readonly retries = new Set<Promise<void>>();
  private readonly burst: Stripe.EventBase[] = [];
  private readonly held: Stripe.EventBase[] = [];
  private readonly closing = new AbortController();

  constructor(
    private readonly tables: Tables,
    /** Pauses between delivery attempts, in real milliseconds. */
    private readonly retryDelaysMs: readonly number[],
  ) {}

  /** The endpoints that subscribe to this type. */
  endpointsFor(type: string): Stripe.WebhookEndpoint[] {
    return [...this.tables.webhookEndpoints.values()].filter(
      ({ status, enabled_events: wanted }) =>
        status === "enabled" && (wanted.includes("*") || wanted.includes(type)),
    );
  }

  send(event: Stripe.EventBase): void {
    switch (this.mode) {
      case "drop":
        this.note(event, "dropped");
        break;
      case "delay":
        this.held.push(event);
        this.note(event, "held");
        break;
      case "duplicate":
        this.enqueue(() => this.deliverTwice(event));
        break;
      case "shuffle":
        this.burst.push(event);
        this.enqueue(() => this.deliverBurst());
        break;
      default:
        this.redeliver(event);
    }
  }

  /** Leaving `delay` sends the deliveries that were held back. */
  setMode(mode: DeliveryMode): void {
    this.mode = mode;
    if (mode !== "delay") {
      for (const event of this.held.splice(0)) {
        this.redeliver(event);
      }
    }
  }

  redeliver(event: Stripe.EventBase): void {
    this.enqueue(() => this.deliver(event));
  }

  /** Resolves when every first attempt was made; with `retries`, when the retries are over, too. */
  async settle({ retries = false } = {}): Promise<void> {
    let awaited: Promise<void> | null = null;
    while (awaited !== this.line) {
      awaited = this.line;
      await awaited;
    }
    if (retries && this.retries.size > 0) {
      await Promise.all(this.retries);
      await this.settle({ retries });
    }
  }

  /** Whether this event was attempted and no endpoint has accepted it. */
  isFailing(eventId: string): boolean {
    const attempts = this.log.filter((delivery) => delivery.eventId === eventId);
    const has = (outcome: Delivery["outcome"]) => attempts.some((one) => one.outcome === outcome);
    return has("failed") && !has("delivered");
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.settle({ retries: true });
  }

  private enqueue(job: () => Promise<void>): void {
    this.line = this.line.then(job);
  }

  private async deliver(event: Stripe.EventBase): Promise<void> {
    await Promise.all(
      this.endpointsFor(event.type).map((endpoint) => this.deliverTo(event, endpoint)),
    );
  }

  private async deliverTwice(event: Stripe.EventBase): Promise<void> {
    await Promise.all([this.deliver(event), this.deliver(event)]);
  }

  /** Waits for the burst to end, then sends it in random order. */
  private async deliverBurst(): Promise<void> {
    await sleep(this.burst.length > 0 ? BURST_MS : 0);
    const events = this.burst.splice(0);
    while (events.length > 0) {
      const [event] = events.splice(Math.floor(Math.random() * events.length), 1);
      if (event) {
        await this.deliver(event);
      }
    }
  }

  private async deliverTo(
    event: Stripe.EventBase,
    endpoint: Stripe.WebhookEndpoint,
  ): Promise<void> {
    if (await this.attempt(event, endpoint, 1)) {
      return;
    }
    const retrying = this.retry(event, endpoint).finally(() => this.retries.delete(retrying));
    this.retries.add(retrying);
  }

  private async retry(event: Stripe.EventBase, endpoint: Stripe.WebhookEndpoint): Promise<void> {
    for (const [index, delayMs] of this.retryDelaysMs.entries()) {
      const { signal } = this.closing;
      await sleep(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted || (await this.attempt(event, endpoint, index + 2))) {
        return;
      }
    }
  }

  private async attempt(
    event: Stripe.EventBase,
    endpoint: Stripe.WebhookEndpoint,
    attempt: number,
  ): Promise<boolean> {
    const secret = this.tables.webhookSecrets.get(endpoint.id) ?? "";
    const { body, header } = signPayload(atEndpointVersion(event, endpoint), secret);
    const status = await this.post(endpoint.url, body, header);
    const delivered = status !== null && status >= 200 && status < 300;
    if (delivered && event.pending_webhooks > 0) {
      event.pending_webhooks -= 1;
    }
    this.note(event, delivered ? "delivered" : "failed", { attempt, status });
    return delivered;
  }

  private async post(url: string, body: string, header: string): Promise<number | null> {
    const { signal: closing } = this.closing;
    const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]);
    const headers = { "content-type": "application/json", "stripe-signature": header };
    try {
      const response = await fetch(url, {
        method: "POST",
        body,
        headers,
        signal,
        redirect: "manual",
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null;
    }
  }

  private note(
    event: Stripe.EventBase,
    outcome: Delivery["outcome"],
    details: Pick<Delivery, "attempt" | "status"> = { attempt: 0, status: null },
  ): void {
    const { id: eventId, type: eventType } = event;
    this.log.push({ eventId, eventType, outcome, ...details });
    this.log.splice(0, Math.max(0, this.log.length - LOG_LIMIT));
  }
}

/** Renders an event at the endpoint's API version, which may differ from the account's. */
export function atEndpointVersion(
  event: Stripe.EventBase,
  { api_version }: Stripe.WebhookEndpoint,
): Stripe.EventBase {
  return api_version === null ? event : { ...event, api_version };
}

/** Signs with real time, because the receiver checks the signature's age against its own clock. */
export function signPayload(event: Stripe.EventBase, secret: string): SignedPayload {
  const body = JSON.stringify(event);
  const header = Stripe.webhooks.generateTestHeaderString({ payload: body, secret });
  return { body, header };
}
