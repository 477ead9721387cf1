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
    const planned: string[] = [];
    await setUpStripe(stripe, { appUrl, dryRun: true, print: (line) => planned.push(line) });
    expect(planned).toContain("+ product qiflow_pro: QiFlow Pro");
    expect(planned).toContain(
      "+ price of pro-monthly, version 1: 990 USD (minor units), 1000 credits a month",
    );
    expect((await stripe.prices.list({ limit: 100 })).data).toEqual([]);

    const done: string[] = [];
    const first = read(await setUpStripe(stripe, { appUrl, print: (line) => done.push(line) }));
    expect(done).toEqual(planned);
    expect(first.get("STRIPE_WEBHOOK_SECRET")).toMatch(/=whsec_/);
    const again: string[] = [];
    const second = read(await setUpStripe(stripe, { appUrl, print: (line) => again.push(line) }));
    expect(again).toEqual(["Products and prices match the catalogue."]);
    expect(second.has("STRIPE_WEBHOOK_SECRET")).toBe(false);
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

  it("makes a new version of a price whose amount or terms differ and retires the old one", async () => {
    for (const [version, change] of [
      [3, { unit_amount: 14900 }],
      [5, { unit_amount: 19900, metadata: { terms: "0123456789ab" } }],
    ] as const) {
      const other = await stripe.prices.create({
        product: "qiflow_lifetime",
        currency: "usd",
        lookup_key: "qiflow_lifetime",
        transfer_lookup_key: true,
        ...change,
        metadata: { app: "qiflow", item: "lifetime", version: version - 1, ...change.metadata },
      });
      await setUpStripe(stripe, { appUrl });
      const [current, ...others] = (
        await stripe.prices.list({ lookup_keys: ["qiflow_lifetime"], active: true })
      ).data;
      expect(others).toEqual([]);
      expect(current).toMatchObject({ unit_amount: 19900, metadata: { version: `${version}` } });
      expect((await stripe.prices.retrieve(other.id)).active).toBe(false);
    }
  });

  it("marks a price of an earlier version instead of replacing it", async () => {
    const [current] = (await stripe.prices.list({ lookup_keys: ["qiflow_lifetime"] })).data;
    const old = current ?? expect.fail("There is no price.");
    await stripe.prices.update(old.id, { metadata: { version: "", terms: "" } });
    const done: string[] = [];
    await setUpStripe(stripe, { appUrl, print: (line) => done.push(line) });
    expect(done).toEqual([`~ price ${old.id}: is version 1 of lifetime`]);
    expect((await stripe.prices.retrieve(old.id)).metadata).toMatchObject({ version: "1" });
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
