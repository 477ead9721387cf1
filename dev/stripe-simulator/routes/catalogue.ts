import { invalid, rowOf } from "../http/fault";
import { parameterMissing } from "../http/params";
import type { Call } from "../http/route";
import { listRoute, matching, mergeMetadata, retrieveRoute, route } from "../http/route";
import { newPrice, newProduct } from "../objects/product";
import type { Simulation } from "../simulation";

export const catalogueRoutes = [
  route("POST", "/v1/products", createProduct),
  retrieveRoute("/v1/products", "product", (sim) => sim.tables.products),
  route("POST", "/v1/products/:id", updateProduct),
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
        matching(params.string("product"), ({ product }) => product),
        ({ lookup_key: key }) => keys.length === 0 || (key !== null && keys.includes(key)),
      ];
    },
  ),
];

function createProduct({ sim, params }: Call) {
  const id = params.string("id");
  const name = params.required("name");
  const metadata = mergeMetadata({}, params.metadata());
  return () => {
    if (id !== undefined && sim.tables.products.has(id)) {
      throw invalid("Product already exists.", "id", "resource_already_exists");
    }
    const fields = { ...(id !== undefined && { id }), name, metadata };
    const product = newProduct(sim.nowSeconds(), fields);
    sim.tables.products.set(product.id, product);
    sim.emit("product.created", product);
    return product;
  };
}

function updateProduct({ sim, params, id }: Call) {
  const name = params.string("name");
  const active = params.boolean("active");
  return () => {
    const product = rowOf(sim.tables.products, "product", id);
    product.name = name ?? product.name;
    product.active = active ?? product.active;
    product.updated = sim.nowSeconds();
    sim.emit("product.updated", product);
    return product;
  };
}

function createPrice({ sim, params }: Call) {
  const product = params.required("product");
  const currency = params.required("currency");
  const unitAmount = params.integer("unit_amount");
  const recurring = params.child("recurring");
  const interval = recurring?.oneOf("interval", ["day", "week", "month", "year"]);
  const lookupKey = params.string("lookup_key");
  const transfer = params.boolean("transfer_lookup_key") ?? false;
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
      recurring: interval ? { interval, intervalCount: 1 } : null,
      lookupKey: lookupKey ?? null,
      metadata,
    });
    sim.tables.prices.set(price.id, price);
    sim.emit("price.created", price);
    return price;
  };
}

function updatePrice({ sim, params, id }: Call) {
  const active = params.boolean("active");
  return () => {
    const price = rowOf(sim.tables.prices, "price", id);
    price.active = active ?? price.active;
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
