import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import type { Params } from "../http/params";
import type { Call } from "../http/route";
import { listRoute, matching, retrieveRoute, route } from "../http/route";
import { newLineItem, newSession } from "../objects/session";
import { productName } from "../rules/bill-subscription";
import { priceSession } from "../rules/price-session";
import { expireSession } from "../rules/settle-session";
import type { Simulation } from "../simulation";
import type { SessionOrder, StoredSession } from "../tables";
import { existingCustomer } from "./customers";
import { readSession } from "./read-session";

const sessions = "/v1/checkout/sessions";

export const checkoutSessionRoutes = [
  route("POST", sessions, createSession),
  retrieveRoute(sessions, "checkout.session", (sim) => sim.tables.sessions),
  listRoute(sessions, (sim) => sim.tables.sessions.values(), readFilters),
  route("POST", `${sessions}/:id/expire`, ({ sim, id }) => () => {
    const session = rowOf(sim.tables.sessions, "checkout.session", id);
    expireSession(sim, session);
    return session;
  }),
  listRoute(
    `${sessions}/:id/line_items`,
    // Lines have no instant of their own; lists turn newest first, these stay in order.
    (sim, id) => [...rowOf(sim.tables.orders, "checkout.session", id).lineItems].reverse(),
  ),
];

function createSession({ sim, params }: Call) {
  const wanted = readSession(params);
  return () => {
    const { session: given, order } = wanted;
    if (given.customer !== null) {
      existingCustomer(sim, given.customer);
    }
    const lineItems = wanted.lines.map((line) => lineItem(sim, line, given.mode));
    const currency = lineItems[0]?.currency ?? null;
    const expires_at = expiry(sim, wanted.expiresAt);
    const session = newSession(sim.nowSeconds(), sim.url, { ...given, currency, expires_at });
    const placed: SessionOrder = { ...order, lineItems };
    priceSession(sim, session, placed);
    sim.tables.sessions.set(session.id, session);
    sim.tables.orders.set(session.id, placed);
    return session;
  };
}

function lineItem(
  sim: Simulation,
  line: { price: string; quantity: number; param: string },
  mode: Stripe.Checkout.Session.Mode,
): Stripe.LineItem {
  const price = rowOf(sim.tables.prices, "price", line.price, `${line.param}[price]`);
  if (!price.active) {
    throw invalid(`The price specified is inactive: ${price.id}.`, `${line.param}[price]`);
  }
  if (mode === "payment" && price.recurring) {
    const message =
      "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.";
    throw invalid(message, "line_items");
  }
  if (mode === "subscription" && !price.recurring) {
    throw invalid("One-time prices in `subscription` mode are not simulated.", "line_items");
  }
  return newLineItem(price, productName(sim, price), line.quantity);
}

function expiry(sim: Simulation, asked: number | undefined): number {
  const now = sim.nowSeconds();
  const at = asked ?? now + 86_400;
  // A minute of grace: the caller's clock and ours are read at different moments.
  if (at < now + 1800 - 60 || at > now + 86_400 + 60) {
    const message =
      "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.";
    throw invalid(message, "expires_at");
  }
  return at;
}

function readFilters(params: Params): ((session: StoredSession) => boolean)[] {
  return [
    matching<StoredSession, string | null>(params.string("customer"), (one) => one.customer),
    matching<StoredSession, string | null>(
      params.string("payment_intent"),
      (one) => one.payment_intent,
    ),
  ];
}
