import { amountsOf } from "../objects/product";
import type { Simulation } from "../simulation";
import { invalid } from "./fault";

type Json = null | boolean | number | string | Json[] | JsonObject;
interface JsonObject {
  [key: string]: Json;
}

/** Replaces ids by their objects along each path, such as `data.payment_intent.latest_charge`. */
export function expand(sim: Simulation, object: object, paths: readonly string[]): object {
  const tree = toJson(object);
  for (const path of paths) {
    const steps = path.split(".");
    if (steps.length > 4 + (steps[0] === "data" ? 1 : 0)) {
      throw invalid(`You cannot expand more than 4 levels of a property. Property: ${path}`);
    }
    expandAlong(sim, tree, steps, path);
  }
  for (const value of Object.values(tree)) {
    truncateLists(value);
  }
  return tree;
}

/** How many rows an embedded list shows. The rest takes a separate call. */
const EMBEDDED_ROWS = 10;

/** Truncates embedded lists as Stripe does and sets `has_more`. */
function truncateLists(node: Json): void {
  if (node === null || typeof node !== "object") {
    return;
  }
  if (!Array.isArray(node) && node.object === "list" && Array.isArray(node.data)) {
    node.has_more = node.data.length > EMBEDDED_ROWS;
    node.data = node.data.slice(0, EMBEDDED_ROWS);
  }
  for (const value of Object.values(node)) {
    truncateLists(value);
  }
}

function expandAlong(
  sim: Simulation,
  node: JsonObject,
  [step, ...rest]: string[],
  path: string,
): void {
  if (step === undefined) {
    return;
  }
  const found = node[step] ?? includable(sim, node, step);
  const expanded = typeof found === "string" ? objectOf(sim, found) : found;
  if (expanded === undefined) {
    throw invalid(`This property cannot be expanded (${path}).`, "expand");
  }
  node[step] = expanded;
  for (const child of Array.isArray(expanded) ? expanded : [expanded]) {
    if (child !== null && typeof child === "object" && !Array.isArray(child)) {
      expandAlong(sim, child, rest, path);
    }
  }
}

function objectOf({ tables }: Simulation, id: string): Json | undefined {
  const places: Map<string, object>[] = [
    tables.customers,
    tables.deletedCustomers,
    tables.products,
    tables.prices,
    tables.subscriptions,
    tables.subscriptionSchedules,
    tables.invoices,
    tables.paymentIntents,
    tables.charges,
    tables.refunds,
    tables.customerBalanceTransactions,
  ];
  const found = places.find((table) => table.has(id))?.get(id);
  return found && toJson(found);
}

/** Lists that are embedded only when expanded. */
function includable(sim: Simulation, node: JsonObject, field: string): Json | undefined {
  const id = String(node.id ?? "");
  const { tables } = sim;
  switch (`${node.object}.${field}`) {
    case "checkout.session.line_items":
      return listOf(`/v1/checkout/sessions/${id}/line_items`, tables.orders.get(id)?.lineItems);
    case "price.currency_options":
      return currencyOptions(sim, id);
    case "invoice.payments":
      return listOf(
        "/v1/invoice_payments",
        [...tables.invoicePayments.values()].filter((payment) => payment.invoice === id),
      );
    default:
      return node[field];
  }
}

function currencyOptions({ tables }: Simulation, priceId: string): Json {
  const price = tables.prices.get(priceId);
  const amounts = price === undefined ? {} : amountsOf(tables, price);
  const options = Object.entries(amounts).map(([currency, amount]) => [
    currency,
    {
      custom_unit_amount: null,
      tax_behavior: "unspecified",
      unit_amount: amount,
      unit_amount_decimal: String(amount),
    },
  ]);
  return Object.fromEntries(options);
}

function listOf(url: string, data: object[] = []): Json {
  return toJson({ object: "list", data, has_more: false, url });
}

function toJson(object: object): JsonObject {
  return JSON.parse(JSON.stringify(object));
}
