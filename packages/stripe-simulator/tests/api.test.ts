import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import { checkout, clientOf, secretKey, startForTest } from "./support";

let simulator: Simulator;
let stripe: Stripe;

beforeAll(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
});
afterAll(() => simulator.close());

async function refused(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Stripe.errors.StripeError) {
    return error;
  }
  throw new Error("the call was not refused by Stripe");
}

describe("the simulated API", () => {
  it("creates, updates, retrieves and deletes a customer", async () => {
    const metadata = { user: "u1", plan: "free" };
    const created = await stripe.customers.create({ email: "a@example.com", metadata });
    expect(created.lastResponse.requestId).toMatch(/^req_/);
    await stripe.customers.update(created.id, { name: "Lin", metadata: { plan: "" } });
    const found = await stripe.customers.retrieve(created.id);
    expect(found).toMatchObject({ email: "a@example.com", name: "Lin", metadata: { user: "u1" } });
    expect(Object.keys("metadata" in found ? found.metadata : {})).toEqual(["user"]);
    expect(await stripe.customers.retrieve(created.id)).toMatchObject({ id: created.id });
    await simulator.control.deleteCustomer(created.id);
    expect(await stripe.customers.retrieve(created.id)).toMatchObject({ deleted: true });
  });

  it("pages newest first, forwards and backwards", async () => {
    const email = "pages@example.com";
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      ids.unshift((await stripe.customers.create({ email })).id);
    }
    const first = await stripe.customers.list({ email, limit: 2 });
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first.has_more).toBe(true);
    const after = first.data[1]?.id ?? "";
    const second = await stripe.customers.list({ email, limit: 3, starting_after: after });
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(second.has_more).toBe(false);
    const before = await stripe.customers.list({ email, limit: 1, ending_before: after });
    expect(before.data.map(({ id }) => id)).toEqual(ids.slice(0, 1));
    const all = await stripe.customers.list({ email, limit: 2 }).autoPagingToArray({ limit: 100 });
    expect(all.map(({ id }) => id)).toEqual(ids);
  });

  it("lists the catalogue and finds prices by lookup key", async () => {
    const yearly = await stripe.prices.retrieve("price_pro_yearly", { expand: ["product"] });
    expect(yearly).toMatchObject({ unit_amount: 9900, recurring: { interval: "year" } });
    expect(yearly.product).toMatchObject({ id: "prod_pro", name: "QiFlow Pro" });
    expect(yearly.unit_amount_decimal?.toString()).toBe("9900");
    const product = await stripe.products.create({ name: "Other" });
    const given = { product: product.id, currency: "usd", unit_amount: 500, lookup_key: "other" };
    const price = await stripe.prices.create(given);
    const again = await refused(stripe.prices.create(given));
    expect(again.code).toBe("resource_already_exists");
    const moved = await stripe.prices.create({ ...given, transfer_lookup_key: true });
    const { data } = await stripe.prices.list({ lookup_keys: ["other"] });
    expect(data.map(({ id }) => id)).toEqual([moved.id]);
    expect((await stripe.prices.retrieve(price.id)).lookup_key).toBeNull();
  });

  it("expands line items only on request", async () => {
    const session = await checkout(stripe, "price_pack_basic");
    expect(session.line_items).toBeUndefined();
    const full = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["line_items.data.price.product"],
    });
    expect(full.line_items?.data[0]?.price?.product).toMatchObject({ id: "prod_pack_basic" });
    const lines = await stripe.checkout.sessions.listLineItems(session.id);
    expect(lines.data[0]).toMatchObject({ amount_total: 990, quantity: 1 });
    const listed = await stripe.checkout.sessions.list({ limit: 1, expand: ["data.line_items"] });
    expect(listed.data[0]?.line_items?.data).toHaveLength(1);
  });

  it("stores webhook endpoints and shows their secret once", async () => {
    const made = await stripe.webhookEndpoints.create({
      url: "http://127.0.0.1:9/hook",
      enabled_events: ["invoice.paid"],
    });
    expect(made.secret).toMatch(/^whsec_/);
    const { data } = await stripe.webhookEndpoints.list();
    const found = data.find(({ id }) => id === made.id);
    expect(found).toMatchObject({ enabled_events: ["invoice.paid"], status: "enabled" });
    expect(found?.secret).toBeUndefined();
    await stripe.webhookEndpoints.del(made.id);
  });
});

describe("idempotency keys", () => {
  it("returns the stored response for the same key and parameters", async () => {
    const options = { idempotencyKey: "user-1-customer" };
    const first = await stripe.customers.create({ email: "k@example.com" }, options);
    const again = await stripe.customers.create({ email: "k@example.com" }, options);
    expect(again.id).toBe(first.id);
    expect(again.lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(first.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
  });

  it("rejects the same key with other parameters", async () => {
    const options = { idempotencyKey: "user-2-customer" };
    await stripe.customers.create({ email: "one@example.com" }, options);
    const error = await refused(stripe.customers.create({ email: "two@example.com" }, options));
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(error.statusCode).toBe(400);
  });

  it("stores no response for a request that was rejected before it ran", async () => {
    const options = { idempotencyKey: "user-3-portal" };
    const wrong = { customer: "" };
    expect((await refused(stripe.billingPortal.sessions.create(wrong, options))).statusCode).toBe(
      400,
    );
    const { id } = await stripe.customers.create({});
    const right = await stripe.billingPortal.sessions.create({ customer: id }, options);
    expect(right.url).toContain("/portal/");
  });

  it.each(["before", "after"] as const)(
    "stores a 500 that happened %s the effect",
    async (when) => {
      const options = { idempotencyKey: `outage-${when}` };
      const email = `${when}@example.com`;
      simulator.control.failNextCall({ method: "POST", path: "/v1/customers", when });
      const first = await refused(stripe.customers.create({ email }, options));
      expect(first).toBeInstanceOf(Stripe.errors.StripeAPIError);
      expect(first.headers?.["stripe-should-retry"]).toBe("false");
      const again = await refused(stripe.customers.create({ email }, options));
      expect(again.headers?.["idempotent-replayed"]).toBe("true");
      const made = await stripe.customers.list({ email });
      expect(made.data).toHaveLength(when === "after" ? 1 : 0);
    },
  );
});

describe("request validation", () => {
  it("requires the secret key", async () => {
    const error = await refused(clientOf(simulator, "sk_test_other").customers.list());
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
  });

  it("returns 404 for a missing object", async () => {
    const error = await refused(stripe.subscriptions.retrieve("sub_none"));
    expect(error).toMatchObject({ statusCode: 404, code: "resource_missing", param: "id" });
    const prototype = await refused(stripe.subscriptions.retrieve("constructor"));
    expect(prototype.code).toBe("resource_missing");
  });

  it("returns 404 for an unknown call", async () => {
    const error = await refused(stripe.quotes.list());
    expect(error.statusCode).toBe(404);
    expect(error.message).toContain("Unrecognized request URL");
  });

  it("rejects other API versions", async () => {
    const error = await refused(stripe.customers.list({}, { apiVersion: "2020-08-27" }));
    expect(error.message).toContain(Stripe.API_VERSION);
  });

  /** Posts parameters that the SDK's types would reject. */
  async function create(params: Record<string, string>) {
    const response = await fetch(`${simulator.url}/v1/checkout/sessions`, {
      method: "POST",
      headers: { authorization: `Bearer ${secretKey}` },
      body: new URLSearchParams({
        mode: "payment",
        success_url: "http://localhost/done",
        "line_items[0][price]": "price_pack_basic",
        ...params,
      }),
    });
    const body: { error?: { code?: string; param?: string; message: string } } =
      await response.json();
    return { status: response.status, ...body.error };
  }

  it.each([
    [{ "payment_method_types[0]": "card" }, "parameter_unknown", "payment_method_types"],
    [{ "line_items[0][colour]": "red" }, "parameter_unknown", "line_items[0][colour]"],
    [{ mode: "" }, undefined, "mode"],
    [{ ui_mode: "hosted" }, undefined, "ui_mode"],
    [{ success_url: "" }, "url_invalid", "success_url"],
    [{ success_url: "/done" }, "url_invalid", "success_url"],
    [{ "subscription_data[metadata][a]": "x" }, undefined, "subscription_data"],
    [
      { mode: "subscription", "payment_intent_data[metadata][a]": "x" },
      undefined,
      "payment_intent_data",
    ],
    [{ mode: "subscription", "invoice_creation[enabled]": "true" }, undefined, "invoice_creation"],
    [{ "line_items[0][price]": "price_none" }, "resource_missing", "line_items[0][price]"],
    [{ "line_items[0][price]": "price_pro_monthly" }, undefined, "line_items"],
    [{ "line_items[0][quantity]": "0" }, undefined, "line_items[0][quantity]"],
    [{ "line_items[0][quantity]": "1.5" }, "parameter_invalid_integer", "line_items[0][quantity]"],
    [{ "metadata[note]": "x".repeat(501) }, undefined, "metadata"],
    [{ [`metadata[${"k".repeat(41)}]`]: "x" }, undefined, "metadata"],
    [{ customer: "cus_none" }, "resource_missing", "customer"],
    [{ expires_at: "1000" }, "parameter_unknown", "expires_at"],
  ])("refuses %j", async (params, code, param) => {
    const response = await create(params);
    expect(response).toMatchObject({ status: 400, param });
    expect(response.code).toBe(code);
  });

  it("rejects a session without line items", async () => {
    const none = await refused(
      stripe.checkout.sessions.create({ mode: "payment", success_url: "http://localhost/" }),
    );
    expect(none.code).toBe("parameter_missing");
  });
});
