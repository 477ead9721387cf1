import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { ITEMS } from "@/catalog/items";
import { createStripe } from "@/integrations/create-stripe";
import { setUpStripe } from "../../dev/stripe-setup/set-up-stripe";

const appUrl = "https://qiflow.example";
let simulator: Simulator;
let stripe: ReturnType<typeof createStripe>;
beforeAll(async () => {
  const secretKey = "sk_test_setup";
  simulator = await startSimulator({
    secretKey,
    webhookSecret: "whsec_setup",
    prices: [],
    quiet: true,
  });
  stripe = createStripe({ secretKey, apiBase: simulator.apiBase });
});
afterAll(() => simulator.close());

const read = (lines: string[]) => new Map(lines.map((line) => [line.split("=")[0], line]));

describe("npm run stripe:setup", () => {
  it("creates everything that is sold and nothing more when run again", async () => {
    const first = read(await setUpStripe(stripe, { appUrl }));
    for (const { id: item } of ITEMS) {
      const variable = `STRIPE_PRICE_${item.replaceAll("-", "_").toUpperCase()}`;
      expect(first.get(variable)).toMatch(/=price_\w+$/);
    }
    expect(first.get("STRIPE_WEBHOOK_SECRET")).toMatch(/=whsec_/);
    const again = read(await setUpStripe(stripe, { appUrl }));
    expect(again.get("STRIPE_PRICE_LIFETIME")).toBe(first.get("STRIPE_PRICE_LIFETIME"));
    expect(again.has("STRIPE_WEBHOOK_SECRET")).toBe(false);
    expect((await stripe.prices.list({ limit: 100 })).data).toHaveLength(ITEMS.length);
    const configurations = await stripe.billingPortal.configurations.list({ limit: 100 });
    expect(configurations.data.filter(({ metadata }) => metadata?.app === "qiflow")).toHaveLength(
      1,
    );
  });

  it("subscribes the endpoint to the handled events at the pinned version", async () => {
    const endpoints = await stripe.webhookEndpoints.list({ limit: 100 });
    const ours = endpoints.data.find(({ url }) => url === `${appUrl}/api/webhooks/stripe`);
    expect(ours?.api_version).toBe("2026-10-28.endive");
    expect(ours?.enabled_events).toEqual(HANDLED_EVENT_TYPES);
  });

  it("replaces a price whose amount changed and lists the old one as retired", async () => {
    const [old] = (await stripe.prices.list({ lookup_keys: ["qiflow_lifetime"] })).data;
    const changed = await stripe.prices.create({
      product: "qiflow_lifetime",
      unit_amount: 14900,
      currency: "usd",
      lookup_key: "qiflow_lifetime",
      transfer_lookup_key: true,
      metadata: { app: "qiflow", item: "lifetime" },
    });
    const lines = read(await setUpStripe(stripe, { appUrl }));
    const retired = lines.get("STRIPE_RETIRED_PRICES");
    expect(retired).toContain(`${changed.id}=lifetime`);
    expect(retired).toContain(`${old?.id}=lifetime`);
    expect((await stripe.prices.retrieve(changed.id)).active).toBe(false);
    expect(lines.get("STRIPE_PRICE_LIFETIME")).not.toContain(changed.id);
  });

  it("keeps an endpoint of another version enabled until the new secret is deployed", async () => {
    const url = `${appUrl}/api/webhooks/stripe`;
    const endpoints = async () => (await stripe.webhookEndpoints.list({ limit: 100 })).data;
    const status = async (id: string) => (await endpoints()).find((one) => one.id === id)?.status;
    for (const { id } of (await endpoints()).filter((one) => one.url === url))
      await stripe.webhookEndpoints.del(id);
    const old = await stripe.webhookEndpoints.create({
      url,
      enabled_events: ["invoice.paid"],
      api_version: "2025-03-31.basil",
    });
    const lines = await setUpStripe(stripe, { appUrl });
    expect(lines.find((line) => line.startsWith("STRIPE_WEBHOOK_SECRET=whsec_"))).toBeTruthy();
    expect(lines.at(-1)).toContain(`${old.id} (API version 2025-03-31.basil) still delivers`);
    expect(await status(old.id)).toBe("enabled");
    const again = await setUpStripe(stripe, { appUrl });
    expect(again.join("\n")).not.toContain(old.id);
    expect(await status(old.id)).toBe("disabled");
  });
});
