import Stripe from "stripe";
import type { SimulatorPrice } from "./catalogue";
import { SEED_ENDPOINT } from "./control";
import { newPaymentMethodConfiguration } from "./objects/payment-method-configuration";
import { newPortalConfiguration } from "./objects/portal";
import { newPrice, newProduct } from "./objects/product";
import { newWebhookEndpoint } from "./objects/webhook-endpoint";
import type { Tables } from "./tables";

interface Seed {
  prices: readonly SimulatorPrice[];
  webhookUrl: string | null;
  webhookSecret: string;
}

/** Creates the account's initial objects. Objects from a snapshot stay as they are. */
export function seed(tables: Tables, now: number, { prices, webhookUrl, webhookSecret }: Seed) {
  for (const given of prices) {
    seedPrice(tables, now, given);
  }
  const endpoint = newWebhookEndpoint(now, webhookUrl ?? "");
  endpoint.id = SEED_ENDPOINT;
  endpoint.api_version = Stripe.API_VERSION;
  endpoint.status = webhookUrl === null ? "disabled" : "enabled";
  tables.webhookEndpoints.set(endpoint.id, endpoint);
  tables.webhookSecrets.set(endpoint.id, webhookSecret);
  seedPortal(tables, now, prices);
  seedPaymentMethods(tables);
}

function seedPrice(tables: Tables, now: number, given: SimulatorPrice): void {
  const { id, productId, productName, unitAmountCents: unitAmount, currency, interval } = given;
  if (!tables.products.has(productId)) {
    tables.products.set(productId, newProduct(now, { id: productId, name: productName }));
  }
  if (!tables.prices.has(id)) {
    const price = newPrice(now, { id, product: productId, unitAmount, currency, interval });
    tables.prices.set(id, price);
    tables.currencyOptions.set(id, { ...given.otherAmounts });
  }
  const price = tables.prices.get(id);
  const isTaken = [...tables.prices.values()].some((one) => one.lookup_key === given.lookupKey);
  if (price === undefined || given.lookupKey === undefined || isTaken) return;
  price.lookup_key = given.lookupKey;
  price.metadata = { ...given.metadata };
}

function seedPaymentMethods(tables: Tables): void {
  const { paymentMethodConfigurations: all } = tables;
  if ([...all.values()].some((one) => one.is_default)) {
    return;
  }
  const configuration = newPaymentMethodConfiguration("pmc_simulator");
  configuration.is_default = true;
  all.set(configuration.id, configuration);
}

/** A portal configuration with the features that QiFlow's own configuration enables. */
function seedPortal(tables: Tables, now: number, prices: readonly SimulatorPrice[]): void {
  if ([...tables.portalConfigurations.values()].some((one) => one.is_default)) {
    return;
  }
  const configuration = newPortalConfiguration(now, "bpc_simulator");
  configuration.is_default = true;
  const { features } = configuration;
  const adjustable_quantity = { enabled: false, maximum: null, minimum: 1 };
  features.invoice_history.enabled = true;
  features.payment_method_update.enabled = true;
  features.subscription_cancel.enabled = true;
  features.subscription_update = {
    ...features.subscription_update,
    default_allowed_updates: ["price"],
    enabled: true,
    products: prices
      .filter(({ interval }) => interval !== undefined)
      .map(({ id, productId: product }) => ({ product, prices: [id], adjustable_quantity })),
    schedule_at_period_end: {
      conditions: [{ type: "decreasing_item_amount" }, { type: "shortening_interval" }],
    },
  };
  tables.portalConfigurations.set(configuration.id, configuration);
}
