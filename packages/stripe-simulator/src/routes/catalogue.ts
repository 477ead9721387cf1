import { z } from "zod";
import { invalid, rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { flag, listOf, metadata, text, whole } from "../http/params";
import { fits, listRoute, mergeMetadata, retrieveRoute, route } from "../http/route";
import { newPrice, newProduct } from "../objects/product";
import type { Simulation } from "../simulation";

const product = z.strictObject({
  id: text.optional(),
  name: text.min(1),
  metadata: metadata.optional(),
});
const productChange = z.strictObject({ name: text, active: flag }).partial();
const currencyOptions = z.record(text, z.strictObject({ unit_amount: whole })).optional();
const price = z.strictObject({
  product: text,
  currency: text,
  unit_amount: whole,
  currency_options: currencyOptions,
  recurring: z.strictObject({ interval: z.enum(["month", "year"]) }).optional(),
  lookup_key: text.optional(),
  transfer_lookup_key: flag.default(false),
  metadata: metadata.optional(),
});
const priceChange = z
  .strictObject({ active: flag, metadata, currency_options: currencyOptions })
  .partial();
const priceFilters = z.strictObject({
  ...paging,
  active: flag.optional(),
  product: text.optional(),
  lookup_keys: listOf(text).optional(),
});

export const catalogueRoutes = [
  retrieveRoute("/v1/products", "product", (sim) => sim.tables.products),
  route("POST", "/v1/products", product, ({ sim, given }) => {
    if (given.id !== undefined && sim.tables.products.has(given.id)) {
      throw invalid("Product already exists.", "id", "resource_already_exists");
    }
    const made = newProduct(sim.nowSeconds(), given);
    made.metadata = mergeMetadata({}, given.metadata);
    sim.tables.products.set(made.id, made);
    sim.emit("product.created", made);
    return made;
  }),
  route("POST", "/v1/products/:id", productChange, ({ sim, id, given }) => {
    const changed = rowOf(sim.tables.products, "product", id);
    Object.assign(changed, given, { updated: sim.nowSeconds() });
    sim.emit("product.updated", changed);
    return changed;
  }),
  retrieveRoute("/v1/prices", "price", (sim) => sim.tables.prices),
  route("POST", "/v1/prices", price, ({ sim, given }) => {
    rowOf(sim.tables.products, "product", given.product, "product");
    claimLookupKey(sim, given.lookup_key, given.transfer_lookup_key);
    const made = newPrice(sim.nowSeconds(), {
      product: given.product,
      currency: given.currency,
      unitAmount: given.unit_amount,
      interval: given.recurring?.interval,
    });
    made.lookup_key = given.lookup_key ?? null;
    made.metadata = mergeMetadata({}, given.metadata);
    sim.tables.prices.set(made.id, made);
    sim.tables.currencyOptions.set(made.id, otherAmounts(given.currency_options));
    sim.emit("price.created", made);
    return made;
  }),
  route("POST", "/v1/prices/:id", priceChange, ({ sim, id, given }) => {
    const changed = rowOf(sim.tables.prices, "price", id);
    if (given.currency_options && changed.currency in given.currency_options) {
      throw invalid("The simulator never changes the amount of a price's own currency.");
    }
    changed.active = given.active ?? changed.active;
    changed.metadata = mergeMetadata(changed.metadata, given.metadata);
    const amounts = sim.tables.currencyOptions.get(id);
    sim.tables.currencyOptions.set(id, { ...amounts, ...otherAmounts(given.currency_options) });
    sim.emit("price.updated", changed);
    return changed;
  }),
  listRoute(
    "/v1/prices",
    (sim) => sim.tables.prices.values(),
    priceFilters,
    (one, { active, product: of, lookup_keys }) =>
      fits(active, one.active) && fits(of, one.product) && fits(lookup_keys, one.lookup_key),
  ),
];

function otherAmounts(options: z.output<typeof price>["currency_options"] = {}) {
  return Object.fromEntries(
    Object.entries(options).map(([currency, { unit_amount }]) => [currency, unit_amount]),
  );
}

/** A lookup key names one price at a time and moves only with `transfer_lookup_key`. */
function claimLookupKey(sim: Simulation, key: string | undefined, transfer: boolean): void {
  const holder = [...sim.tables.prices.values()].find((one) => one.lookup_key === key);
  if (key === undefined || !holder) {
    return;
  }
  if (!transfer) {
    const message = `A price (\`${holder.id}\`) already uses that lookup key.`;
    throw invalid(message, "lookup_key", "resource_already_exists");
  }
  holder.lookup_key = null;
}
