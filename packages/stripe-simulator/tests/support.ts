import { createServer } from "node:http";
import Stripe from "stripe";
import type { Simulator, SimulatorOptions } from "../src/start-simulator";
import { startSimulator } from "../src/start-simulator";
import { samplePrices } from "./sample-prices";

export const secretKey = "sk_test_simulator";
export const webhookSecret = "whsec_simulator";

/** A simulator on a free port that waits only milliseconds between deliveries. */
export function startForTest(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return startSimulator({
    secretKey,
    webhookSecret,
    prices: samplePrices,
    retryDelaysMs: [5, 5, 5],
    quiet: true,
    ...options,
  });
}

/** The unmodified client, pointed at the simulator. */
export function clientOf(simulator: Simulator, key = secretKey): Stripe {
  const { hostname, port } = new URL(simulator.apiBase);
  return new Stripe(key, { host: hostname, port, protocol: "http", maxNetworkRetries: 0 });
}

export interface Receiver {
  url: string;
  /** Every event with a valid signature, in order of arrival. */
  events: Stripe.Event[];
  types(): string[];
  /** The next statuses to return; 200 when empty. */
  statuses: number[];
  close(): Promise<void>;
}

/** A webhook endpoint that verifies signatures with Stripe's SDK. */
export async function startReceiver(secret = webhookSecret): Promise<Receiver> {
  const events: Stripe.Event[] = [];
  const statuses: number[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(Buffer.from(chunk));
    }
    const signature = request.headers["stripe-signature"] ?? "";
    events.push(Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, secret));
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    events,
    statuses,
    types: () => events.map(({ type }) => type),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const urls = {
  success_url: "http://localhost:3000/done?session={CHECKOUT_SESSION_ID}",
  cancel_url: "http://localhost:3000/pricing",
};

/** A checkout session for one price, in the mode that fits it. */
export async function checkout(
  stripe: Stripe,
  price: string,
  options: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> {
  const { recurring } = await stripe.prices.retrieve(price);
  return stripe.checkout.sessions.create({
    mode: recurring ? "subscription" : "payment",
    line_items: [{ price, quantity: 1 }],
    ...urls,
    ...options,
  });
}

/** Submits the Pay form of the hosted page. */
export function pressPay(session: Stripe.Checkout.Session, how: string): Promise<Response> {
  return fetch(session.url ?? "", {
    method: "POST",
    body: new URLSearchParams({ how }),
    redirect: "manual",
  });
}

/** A customer with a paid subscription to this price. */
export async function subscribe(simulator: Simulator, stripe: Stripe, price: string) {
  const customer = await stripe.customers.create({ email: "lin@example.com" });
  const session = await checkout(stripe, price, { customer: customer.id });
  const { session: paid } = await simulator.control.pay(session.id);
  return { customer, subscriptionId: paid.subscription ?? "", invoiceId: paid.invoice ?? "" };
}
