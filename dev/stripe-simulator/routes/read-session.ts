import type Stripe from "stripe";
import { invalid } from "../http/fault";
import type { Params } from "../http/params";
import { parameterMissing } from "../http/params";
import { mergeMetadata } from "../http/route";
import type { newSession } from "../objects/session";
import type { SessionOrder } from "../tables";

type SessionFields = Omit<Parameters<typeof newSession>[2], "currency" | "expires_at">;

export interface WantedSession {
  session: SessionFields;
  order: Omit<SessionOrder, "lineItems">;
  lines: { price: string; quantity: number; param: string }[];
  expiresAt: number | undefined;
}

/** Reads what `checkout.sessions.create` was given, with the refusals Stripe has for it. */
export function readSession(params: Params): WantedSession {
  const mode = params.oneOf("mode", ["payment", "subscription"]);
  if (mode === undefined) {
    throw parameterMissing("mode");
  }
  readUiMode(params);
  return {
    session: { ...readPage(params), ...readPayer(params), mode },
    order: { couponId: null, ...readModeData(params, mode) },
    lines: readLines(params),
    expiresAt: params.integer("expires_at"),
  };
}

function readUiMode(params: Params): void {
  const modes = ["hosted_page", "embedded_page", "elements", "form"] as const;
  const mode = params.oneOf("ui_mode", modes) ?? "hosted_page";
  if (mode !== "hosted_page") {
    throw invalid(`The simulator only hosts ui_mode hosted_page, not ${mode}.`, "ui_mode");
  }
}

function readPage(params: Params) {
  const success_url = params.url("success_url");
  if (success_url === undefined) {
    throw parameterMissing("success_url");
  }
  return {
    success_url,
    cancel_url: params.url("cancel_url") ?? null,
    client_reference_id: params.string("client_reference_id") ?? null,
    locale: params.string("locale") ?? null,
    metadata: mergeMetadata({}, params.metadata()),
    allow_promotion_codes: params.boolean("allow_promotion_codes") ?? null,
    billing_address_collection:
      params.oneOf("billing_address_collection", ["auto", "required"]) ?? null,
  };
}

function readPayer(params: Params) {
  const customer = params.string("customer") ?? null;
  const email = params.string("customer_email") ?? null;
  const update = params.child("customer_update");
  const savesAddress = update?.oneOf("address", ["auto", "never"]) === "auto";
  update?.oneOf("name", ["auto", "never"]);
  if (customer !== null && email !== null) {
    throw invalid("You may only specify one of these parameters: customer, customer_email.");
  }
  if (update && customer === null) {
    throw invalid("`customer_update` can only be used with `customer`.", "customer_update");
  }
  const automatic_tax = readAutomaticTax(params, customer === null || savesAddress);
  return {
    automatic_tax,
    customer,
    customer_email: email,
  };
}

/** No tax is ever added. Stripe takes a customer without an address only if the page may save one. */
function readAutomaticTax(
  params: Params,
  findsAddress: boolean,
): Stripe.Checkout.Session.AutomaticTax {
  const enabled = params.child("automatic_tax")?.boolean("enabled") ?? false;
  if (!enabled) {
    return { enabled, liability: null, provider: null, status: null };
  }
  if (!findsAddress) {
    const message =
      "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to the Customer.";
    throw invalid(message, "automatic_tax", "customer_tax_location_invalid");
  }
  return {
    enabled,
    liability: { type: "self" },
    provider: "stripe",
    status: "requires_location_inputs",
  };
}

function readModeData(params: Params, mode: "payment" | "subscription") {
  for (const [name, needed] of [
    ["subscription_data", "subscription"],
    ["payment_intent_data", "payment"],
  ] as const) {
    if (params.has(name) && mode !== needed) {
      throw invalid(`You can not pass \`${name}\` in \`${mode}\` mode.`, name);
    }
  }
  const intent = params.child("payment_intent_data");
  const subscription = params.child("subscription_data");
  return {
    paymentIntent: { metadata: mergeMetadata({}, intent?.metadata()) },
    subscription: {
      metadata: mergeMetadata({}, subscription?.metadata()),
      trialDays: subscription?.integer("trial_period_days") ?? null,
    },
  };
}

function readLines(params: Params): WantedSession["lines"] {
  const lines = params.list("line_items").map((line, index) => ({
    price: line.required("price"),
    quantity: line.integer("quantity") ?? 1,
    param: `line_items[${index}]`,
  }));
  if (lines.length === 0) {
    throw parameterMissing("line_items");
  }
  const wrong = lines.find(({ quantity }) => quantity < 1);
  if (wrong) {
    throw invalid("This value must be greater than or equal to 1.", `${wrong.param}[quantity]`);
  }
  return lines;
}
