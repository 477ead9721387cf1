import Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import type { Receiver } from "./support";
import { clientOf, startForTest, startReceiver, subscribe, webhookSecret } from "./support";

let simulator: Simulator;
let stripe: Stripe;
let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startForTest({ webhookUrl: receiver.url });
  stripe = clientOf(simulator);
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

async function createCustomer(email = "a@example.com"): Promise<Stripe.Customer> {
  const customer = await stripe.customers.create({ email });
  await simulator.control.settled();
  return customer;
}

describe("a delivery", () => {
  it("carries the pinned version and a signature that Stripe's SDK accepts", async () => {
    const customer = await createCustomer();
    expect(receiver.events[0]).toMatchObject({
      type: "customer.created",
      api_version: Stripe.API_VERSION,
      livemode: false,
      request: { id: expect.stringMatching(/^req_/) },
      data: { object: { id: customer.id, email: "a@example.com" } },
    });
  });

  it("is signed with real time however far the clock was advanced", async () => {
    await simulator.control.advanceClock({ years: 2 });
    await createCustomer();
    const [event] = receiver.events;
    expect(event?.created).toBeGreaterThan(Date.now() / 1000 + 700 * 86_400);
    const { body, header } = simulator.control.signedPayload(event?.id ?? "");
    expect(Stripe.webhooks.constructEvent(body, header, webhookSecret).id).toBe(event?.id);
    expect(() => Stripe.webhooks.constructEvent(`${body} `, header, webhookSecret)).toThrow();
  });

  it("is retried after an error until the endpoint accepts it", async () => {
    receiver.statuses.push(500, 503);
    await createCustomer();
    const [event] = simulator.control.listEvents();
    expect(event?.pending_webhooks).toBe(1);
    await simulator.control.settled({ retries: true });
    expect(receiver.types()).toEqual(["customer.created", "customer.created", "customer.created"]);
    expect(new Set(receiver.events.map(({ id }) => id)).size).toBe(1);
    expect(simulator.control.deliveries().map(({ status, attempt }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 503],
      [3, 200],
    ]);
    expect(event?.pending_webhooks).toBe(0);
  });

  it("stops after the last retry", async () => {
    receiver.statuses.push(500, 500, 500, 500, 500, 500);
    await createCustomer();
    await simulator.control.settled({ retries: true });
    expect(receiver.events).toHaveLength(4);
    const { data } = await stripe.events.list();
    expect(data.map(({ pending_webhooks }) => pending_webhooks)).toEqual([1]);
  });

  it("carries the state of the object at the time of the event", async () => {
    const customer = await createCustomer();
    await stripe.customers.update(customer.id, { name: "Later" });
    await simulator.control.settled();
    expect(receiver.events[0]?.data.object).toMatchObject({ name: null });
    expect(receiver.events[1]?.data).toMatchObject({
      object: { name: "Later" },
      previous_attributes: { name: null },
    });
  });
});

describe("setDeliveryMode", () => {
  it("delivers every event twice with duplicate", async () => {
    await simulator.control.setDeliveryMode("duplicate");
    await createCustomer();
    expect(receiver.types()).toEqual(["customer.created", "customer.created"]);
  });

  it("delivers every event once, in random order, with shuffle", async () => {
    await simulator.control.setDeliveryMode("shuffle");
    const inOrder = async () => {
      const from = receiver.events.length;
      await subscribe(simulator, stripe, "price_pro_monthly");
      const arrived = receiver.events.slice(from).map(({ id }) => id);
      const happened = simulator.control
        .listEvents()
        .map(({ id }) => id)
        .slice(from);
      expect([...arrived].sort()).toEqual([...happened].sort());
      return arrived.join() === happened.join();
    };
    const orders = [await inOrder(), await inOrder(), await inOrder()];
    expect(orders).toContain(false);
  });

  it("holds events back with delay until the mode changes", async () => {
    await simulator.control.setDeliveryMode("delay");
    await createCustomer();
    expect(receiver.events).toHaveLength(0);
    await simulator.control.setDeliveryMode("normal");
    expect(receiver.types()).toEqual(["customer.created"]);
  });

  it("loses events with drop, which can still be listed and redelivered", async () => {
    await simulator.control.setDeliveryMode("drop");
    await createCustomer();
    expect(receiver.events).toHaveLength(0);
    const { data } = await stripe.events.list({ types: ["customer.created"] });
    await simulator.control.redeliver(data[0]?.id ?? "");
    expect(receiver.events.map(({ id }) => id)).toEqual([data[0]?.id]);
  });
});

describe("GET /v1/events", () => {
  it("filters by type and time and drops events after 30 days", async () => {
    await createCustomer("old@example.com");
    await simulator.control.advanceClock({ days: 20 });
    const since = Math.floor(simulator.control.now().getTime() / 1000);
    const recent = await createCustomer("new@example.com");
    const { data } = await stripe.events.list({ created: { gte: since } });
    expect(data.map(({ data: { object } }) => object)).toMatchObject([{ id: recent.id }]);
    expect((await stripe.events.list({ types: ["customer.created"] })).data).toHaveLength(2);
    expect((await stripe.events.list({ types: ["invoice.paid"] })).data).toHaveLength(0);
    await simulator.control.advanceClock({ days: 11 });
    expect((await stripe.events.list()).data).toHaveLength(1);
    const id = data[0]?.id ?? "";
    expect((await stripe.events.retrieve(id)).type).toBe("customer.created");
  });
});

describe("a second endpoint", () => {
  it("receives the events it subscribes to, signed with its own secret", async () => {
    const enabled_events = ["product.created"] as const;
    const made = await stripe.webhookEndpoints.create({
      url: "http://127.0.0.1:9/",
      enabled_events: [...enabled_events],
    });
    const own = await startReceiver(made.secret);
    await stripe.webhookEndpoints.update(made.id, { url: own.url });
    await createCustomer();
    await stripe.products.create({ name: "Tea" });
    await simulator.control.settled();
    expect(own.types()).toEqual(["product.created"]);
    expect(receiver.types()).toEqual(["customer.created", "product.created"]);
    await own.close();
  });
});
