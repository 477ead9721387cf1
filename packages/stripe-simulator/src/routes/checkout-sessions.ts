import type Stripe from "stripe";
import { z } from "zod";
import { invalid, rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { flag, listOf, metadata, none, text, webAddress, whole } from "../http/params";
import { fits, listRoute, mergeMetadata, retrieveRoute, route } from "../http/route";
import { amountsOf } from "../objects/product";
import { newInvoiceCreation, newLineItem, newSession, priceSession } from "../objects/session";
import { productName } from "../rules/bill-subscription";
import { isOver } from "../rules/change-subscription";
import { expireSession } from "../rules/settle-session";
import type { Simulation } from "../simulation";

const autoOrNever = z.enum(["auto", "never"]).optional();
const line = z.strictObject({
  price: text,
  quantity: whole.pipe(z.number().min(1)).default(1),
});
const wanted = z
  .strictObject({
    mode: z.enum(["payment", "subscription"]),
    ui_mode: z.enum(["hosted_page"]).optional(),
    line_items: listOf(line),
    customer: text.optional(),
    customer_update: z.strictObject({ address: autoOrNever, name: autoOrNever }).optional(),
    client_reference_id: text.optional(),
    metadata: metadata.optional(),
    payment_intent_data: z.strictObject({ metadata: metadata.optional() }).optional(),
    subscription_data: z
      .strictObject({ metadata: metadata.optional(), trial_period_days: whole.optional() })
      .optional(),
    invoice_creation: z
      .strictObject({
        enabled: flag,
        invoice_data: z.strictObject({ metadata: metadata.optional() }).optional(),
      })
      .optional(),
    locale: text.optional(),
    allow_promotion_codes: flag.optional(),
    automatic_tax: z.strictObject({ enabled: flag }).optional(),
    billing_address_collection: z.enum(["auto", "required"]).optional(),
    currency: text.optional(),
    adaptive_pricing: z.strictObject({ enabled: flag }).optional(),
    success_url: webAddress,
    cancel_url: webAddress.optional(),
  })
  .refine(({ mode, subscription_data: data }) => mode === "subscription" || !data, {
    path: ["subscription_data"],
    message: "You can not pass `subscription_data` in `payment` mode.",
  })
  .refine(({ mode, payment_intent_data: data }) => mode === "payment" || !data, {
    path: ["payment_intent_data"],
    message: "You can not pass `payment_intent_data` in `subscription` mode.",
  })
  .refine(({ mode, invoice_creation: invoice }) => mode === "payment" || !invoice?.enabled, {
    path: ["invoice_creation"],
    message:
      "You can only enable invoice creation when `mode` is set to `payment`. Invoices are created automatically when `mode` is set to `subscription`, and are unsupported when set to `setup`. To learn more visit https://stripe.com/docs/payments/checkout/post-payment-invoices.",
  })
  .refine(({ customer, customer_update: update }) => customer !== undefined || !update, {
    path: ["customer_update"],
    message: "`customer_update` can only be used with `customer`.",
  })
  // Stripe accepts a customer without an address only if the page may save one.
  .refine(
    ({ automatic_tax: tax, customer, customer_update: update }) =>
      !tax?.enabled || customer === undefined || update?.address === "auto",
    {
      path: ["automatic_tax"],
      message:
        "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to the Customer.",
      params: { code: "customer_tax_location_invalid" },
    },
  );
/** Accepted, but no tax is ever added. */
const acceptedTax: Stripe.Checkout.Session.AutomaticTax = {
  enabled: true,
  liability: { type: "self" },
  provider: "stripe",
  status: "requires_location_inputs",
};
const filters = z.strictObject({
  ...paging,
  customer: text.optional(),
  payment_intent: text.optional(),
});

const sessions = "/v1/checkout/sessions";

export const checkoutSessionRoutes = [
  route("POST", sessions, wanted, ({ sim, given }) => createSession(sim, given)),
  retrieveRoute(sessions, "checkout.session", (sim) => sim.tables.sessions),
  listRoute(
    sessions,
    (sim) => sim.tables.sessions.values(),
    filters,
    (one, { customer, payment_intent }) =>
      fits(customer, one.customer) && fits(payment_intent, one.payment_intent),
  ),
  route("POST", `${sessions}/:id/expire`, none, ({ sim, id }) => {
    const session = rowOf(sim.tables.sessions, "checkout.session", id);
    expireSession(sim, session);
    return session;
  }),
  listRoute(
    `${sessions}/:id/line_items`,
    // Lines have no timestamp. Lists are reversed to newest first, so these are reversed twice.
    (sim, id) => [...rowOf(sim.tables.orders, "checkout.session", id).lineItems].reverse(),
    z.strictObject(paging),
  ),
];

function createSession(sim: Simulation, given: z.output<typeof wanted>) {
  const { line_items: lines, payment_intent_data, subscription_data, ...page } = given;
  const { automatic_tax: tax, customer_update: _, currency: __, metadata: pairs, ...others } = page;
  const { invoice_creation: invoice, ...fields } = others;
  if (fields.customer !== undefined) {
    rowOf(sim.tables.customers, "customer", fields.customer, "customer");
  }
  const lineItems = lines.map((one, index) => lineItem(sim, given, one, index));
  if (lineItems.length !== 1 && given.mode === "subscription") {
    throw invalid("The simulator's subscriptions have one item.", "line_items");
  }
  refuseOtherCurrency(sim, given.mode, { customer: fields.customer, lineItems });
  const session = Object.assign(newSession(sim.nowSeconds(), sim.url, given.mode), fields);
  session.payment_method_types = offeredMethods(sim, given.mode);
  session.currency = lineItems[0]?.currency ?? null;
  session.adaptive_pricing = given.adaptive_pricing ?? { enabled: false };
  session.metadata = mergeMetadata({}, pairs);
  if (invoice?.enabled) {
    const invoiceMetadata = mergeMetadata({}, invoice.invoice_data?.metadata);
    session.invoice_creation = newInvoiceCreation({ enabled: true, metadata: invoiceMetadata });
  }
  if (tax?.enabled) {
    session.automatic_tax = acceptedTax;
  }
  const order = {
    lineItems,
    isFree: false,
    paymentIntent: { metadata: mergeMetadata({}, payment_intent_data?.metadata) },
    subscription: {
      metadata: mergeMetadata({}, subscription_data?.metadata),
      trialDays: subscription_data?.trial_period_days ?? null,
    },
  };
  priceSession(session, order);
  sim.tables.sessions.set(session.id, session);
  sim.tables.orders.set(session.id, order);
  return session;
}

/** Everything of a customer that bills by invoices must have one currency while it lasts. */
function refuseOtherCurrency(
  sim: Simulation,
  mode: Stripe.Checkout.Session.Mode,
  { customer, lineItems: [line] }: { customer: string | undefined; lineItems: Stripe.LineItem[] },
): void {
  if (mode !== "subscription" || customer === undefined) {
    return;
  }
  const binding = [
    ...[...sim.tables.subscriptions.values()].filter((one) => !isOver(one)),
    ...[...sim.tables.sessions.values()].filter(
      (one) => one.mode === "subscription" && one.status === "open",
    ),
  ].find((one) => one.customer === customer && one.currency !== line?.currency);
  if (binding) {
    throw invalid(
      `You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, invoice item or active subscription mode checkout session with currency ${binding.currency}.`,
    );
  }
}

function lineItem(
  sim: Simulation,
  { mode, currency }: z.output<typeof wanted>,
  { price: id, quantity }: z.output<typeof line>,
  index: number,
): Stripe.LineItem {
  const param = `line_items[${index}][price]`;
  const price = rowOf(sim.tables.prices, "price", id, param);
  if (!price.active) {
    throw invalid("The price specified is inactive. This field only accepts active prices.", param);
  }
  if (mode === "payment" && price.recurring) {
    const message =
      "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.";
    throw invalid(message, "line_items");
  }
  if (mode === "subscription" && !price.recurring) {
    throw invalid("One-time prices in `subscription` mode are not simulated.", "line_items");
  }
  const chosen = currency ?? price.currency;
  const amount = amountsOf(sim.tables, price)[chosen];
  if (amount === undefined) {
    const message = `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${chosen}\`.`;
    throw invalid(message, param);
  }
  return newLineItem(price, {
    description: productName(sim, price),
    quantity,
    currency: chosen,
    unitAmount: amount,
  });
}

/** What the default configuration offers. The wallets pay once only. */
function offeredMethods(sim: Simulation, mode: Stripe.Checkout.Session.Mode): string[] {
  const all = [...sim.tables.paymentMethodConfigurations.values()];
  const configuration = all.find((one) => one.is_default);
  const wallets = mode === "payment" ? (["alipay", "wechat_pay"] as const) : [];
  return ["card", ...wallets.filter((wallet) => configuration?.[wallet]?.available)];
}
