import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import type { Params } from "../http/params";
import { parameterMissing } from "../http/params";
import type { Call } from "../http/route";
import { listRoute, matching, mergeMetadata, retrieveRoute, route } from "../http/route";
import { newPrice, newProduct } from "../objects/product";
import type { Simulation } from "../simulation";
import type { StoredPrice } from "../tables";

export const catalogueRoutes = [
  route("POST", "/v1/products", createProduct),
  retrieveRoute("/v1/products", "product", (sim) => sim.tables.products),
  route("POST", "/v1/products/:id", updateProduct),
  listRoute(
    "/v1/products",
    (sim) => sim.tables.products.values(),
    (params) => {
      const ids = params.strings("ids");
      return [
        matching(params.boolean("active"), ({ active }) => active),
        ({ id }) => ids.length === 0 || ids.includes(id),
      ];
    },
  ),
  route("POST", "/v1/prices", createPrice),
  retrieveRoute("/v1/prices", "price", (sim) => sim.tables.prices),
  route("POST", "/v1/prices/:id", updatePrice),
  listRoute(
    "/v1/prices",
    (sim) => sim.tables.prices.values(),
    (params) => {
      const keys = params.strings("lookup_keys");
      return [
        matching(params.boolean("active"), ({ active }) => active),
        matching(params.string("currency"), ({ currency }) => currency),
        matching(params.string("product"), ({ product }) => product),
        matching<StoredPrice, string>(params.string("type"), ({ type }) => type),
        ({ lookup_key: key }) => keys.length === 0 || (key !== null && keys.includes(key)),
      ];
    },
  ),
];

function createProduct({ sim, params }: Call) {
  const id = params.string("id");
  const name = params.required("name");
  const given = readProduct(params);
  const metadata = mergeMetadata({}, params.metadata());
  return () => {
    if (id !== undefined && sim.tables.products.has(id)) {
      throw invalid("Product already exists.", "id", "resource_already_exists");
    }
    const fields = { ...given, ...(id !== undefined && { id }), name, metadata };
    const product = newProduct(sim.nowSeconds(), fields);
    sim.tables.products.set(product.id, product);
    sim.emit("product.created", product);
    return product;
  };
}

function updateProduct({ sim, params, id }: Call) {
  const name = params.string("name");
  const given = { ...readProduct(params), ...(name !== undefined && { name }) };
  const change = params.metadata();
  return () => {
    const product = rowOf(sim.tables.products, "product", id);
    Object.assign(product, given, { updated: sim.nowSeconds() });
    product.metadata = mergeMetadata(product.metadata, change);
    sim.emit("product.updated", product);
    return product;
  };
}

function readProduct(params: Params): Partial<Stripe.Product> {
  const given: Partial<Stripe.Product> = {};
  const active = params.boolean("active");
  const description = params.clearable("description");
  const descriptor = params.string("statement_descriptor");
  const unitLabel = params.string("unit_label");
  return Object.assign(
    given,
    active !== undefined && { active },
    description !== undefined && { description },
    descriptor !== undefined && { statement_descriptor: descriptor },
    unitLabel !== undefined && { unit_label: unitLabel },
  );
}

function createPrice({ sim, params }: Call) {
  const product = params.required("product");
  const currency = params.required("currency");
  const unitAmount = params.integer("unit_amount");
  const recurring = params.child("recurring");
  const interval = recurring?.oneOf("interval", ["day", "week", "month", "year"]);
  const intervalCount = recurring?.integer("interval_count") ?? 1;
  const lookupKey = params.string("lookup_key");
  const transfer = params.boolean("transfer_lookup_key") ?? false;
  const nickname = params.string("nickname");
  const metadata = mergeMetadata({}, params.metadata());
  if (unitAmount === undefined) {
    throw parameterMissing("unit_amount");
  }
  return () => {
    rowOf(sim.tables.products, "product", product, "product");
    claimLookupKey(sim, lookupKey, transfer);
    const price = newPrice(sim.nowSeconds(), {
      product,
      currency,
      unitAmount,
      recurring: interval ? { interval, intervalCount } : null,
      lookupKey: lookupKey ?? null,
      nickname: nickname ?? null,
      metadata,
    });
    sim.tables.prices.set(price.id, price);
    sim.emit("price.created", price);
    return price;
  };
}

function updatePrice({ sim, params, id }: Call) {
  const active = params.boolean("active");
  const nickname = params.clearable("nickname");
  const lookupKey = params.string("lookup_key");
  const transfer = params.boolean("transfer_lookup_key") ?? false;
  const change = params.metadata();
  return () => {
    const price = rowOf(sim.tables.prices, "price", id);
    if (lookupKey !== price.lookup_key) {
      claimLookupKey(sim, lookupKey, transfer);
    }
    price.active = active ?? price.active;
    price.nickname = nickname === undefined ? price.nickname : nickname;
    price.lookup_key = lookupKey ?? price.lookup_key;
    price.metadata = mergeMetadata(price.metadata, change);
    sim.emit("price.updated", price);
    return price;
  };
}

/** A lookup key names one price at a time; it moves only when that is asked for. */
function claimLookupKey(sim: Simulation, key: string | undefined, transfer: boolean): void {
  const holder = [...sim.tables.prices.values()].find((price) => price.lookup_key === key);
  if (key === undefined || !holder) {
    return;
  }
  if (!transfer) {
    const message = `A price (\`${holder.id}\`) already uses that lookup key.`;
    throw invalid(message, "lookup_key", "resource_already_exists");
  }
  holder.lookup_key = null;
}
